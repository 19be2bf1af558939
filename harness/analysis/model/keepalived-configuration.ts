import type { VrrpVersion } from '../../../src/domain/settings.ts';
import { readKeepalived } from '../../syntax/keepalived.ts';
import { each, last, type Statement, UnreadableConfiguration } from '../../syntax/statement.ts';

/** The settings of a VRRP instance, with keepalived's defaults (keepalived.conf(5)). */
export interface VrrpConfiguration {
  readonly version: VrrpVersion;
  readonly advertIntMs: number;
  readonly priority: number;
  /** Initial state; without one an instance begins as backup. */
  readonly state: 'MASTER' | 'BACKUP';
  /** A higher priority takes the VIP back; an instance whose initial state is MASTER ignores `nopreempt`. */
  readonly preempts: boolean;
  readonly garpDelayMs: number;
  /** 0: announcements are not repeated. */
  readonly garpRefreshMs: number;
  readonly garpRefreshRepeat: number;
  /** The script that the instance tracks. */
  readonly check?: {
    readonly intervalMs: number;
    readonly fall: number;
    readonly rise: number;
    /** After it keepalived ends a run that has not ended; absent where it is the interval. */
    readonly timeoutMs?: number;
  };
}

/** keepalived's defaults (keepalived.conf(5)). */
export const KEEPALIVED_DEFAULTS: VrrpConfiguration = {
  version: 2,
  advertIntMs: 1000,
  priority: 100,
  state: 'BACKUP',
  preempts: true,
  garpDelayMs: 5000,
  garpRefreshMs: 0,
  garpRefreshRepeat: 1,
};

/**
 * Reads the first VRRP instance of a rendered keepalived.conf.
 *
 * @returns undefined when the text has none, as for a single amphora, or is no configuration
 */
export function readVrrpConfiguration(text: string): VrrpConfiguration | undefined {
  const statements = statementsOf(text);
  const [instance] = each(statements, 'vrrp_instance');
  if (!instance) return undefined;
  const number = ({ block }: Statement, name: string, otherwise: number): number => {
    const value = Number(last(block, name)?.words[1] ?? Number.NaN);
    return Number.isFinite(value) ? value : otherwise;
  };
  const tracked = last(instance.block, 'track_script')?.block?.[0]?.words[0];
  const script = each(statements, 'vrrp_script').find(({ words }) => words[1] === tracked);
  const state = last(instance.block, 'state')?.words[1] === 'MASTER' ? 'MASTER' : 'BACKUP';
  return {
    version: number(instance, 'version', 2) === 3 ? 3 : 2,
    advertIntMs: number(instance, 'advert_int', 1) * 1000,
    priority: number(instance, 'priority', 100),
    state,
    preempts: state === 'MASTER' || !last(instance.block, 'nopreempt'),
    garpDelayMs: number(instance, 'garp_master_delay', 5) * 1000,
    garpRefreshMs: number(instance, 'garp_master_refresh', 0) * 1000,
    garpRefreshRepeat: number(instance, 'garp_master_refresh_repeat', 1),
    ...(script && {
      check: {
        intervalMs: number(script, 'interval', 1) * 1000,
        fall: number(script, 'fall', 1),
        rise: number(script, 'rise', 1),
        // 0 is none.
        ...(number(script, 'timeout', 0) > 0 && { timeoutMs: number(script, 'timeout', 0) * 1000 }),
      },
    }),
  };
}

function statementsOf(text: string): readonly Statement[] {
  try {
    return readKeepalived({ file: 'keepalived.conf', text }).statements;
  } catch (error) {
    if (error instanceof UnreadableConfiguration) return [];
    throw error;
  }
}
