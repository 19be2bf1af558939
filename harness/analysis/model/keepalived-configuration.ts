import type { VrrpVersion } from '../../../src/domain/settings.ts';
import { failedPriority, healthyPriority, weightsOf } from '../../pair/configuration/priorities.ts';
import { preempts, vrrpOf } from '../../pair/configuration/vrrp.ts';
import { readKeepalived } from '../../syntax/keepalived.ts';
import { type Statement, UnreadableConfiguration } from '../../syntax/statement.ts';
import { roundedIntervalMs } from './vrrp.ts';

/** The times of a check script (keepalived.conf(5), vrrp_script), ms. */
export interface CheckTimes {
  readonly intervalMs: number;
  readonly fall: number;
  /** After it keepalived ends a run that has not ended; absent where it is the interval. */
  readonly timeoutMs?: number;
}

/** The settings of a VRRP instance, with keepalived's defaults (keepalived.conf(5)). */
export interface VrrpConfiguration {
  readonly version: VrrpVersion;
  /** As an advertisement can carry it. */
  readonly advertIntMs: number;
  /** A backup takes over when this number of advertisements has not come. */
  readonly downAdverts: number;
  /** While all that it tracks is well. */
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
  readonly check?: CheckTimes & {
    readonly rise: number;
    /** After the check has failed, where it has a weight; without one the instance leaves. */
    readonly failedPriority?: number;
  };
}

/** keepalived's defaults (keepalived.conf(5)). */
export const KEEPALIVED_DEFAULTS: VrrpConfiguration = {
  version: 2,
  advertIntMs: 1000,
  downAdverts: 3,
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
  const vrrp = vrrpOf('', statementsOf(text));
  const { instances, scripts } = vrrp;
  const [instance] = instances;
  if (!instance) return undefined;
  const [tracked] = instance.tracked.filter(({ kind }) => kind === 'script');
  const script = scripts.find(({ name }) => name === tracked?.name);
  const weights = weightsOf({ vrrp }, instance).filter(({ name }) => script && name === script.name);
  const { garpDelayS, garpRefreshS } = instance;
  return {
    version: instance.version.value,
    advertIntMs: roundedIntervalMs(instance.version.value, instance.advertIntMs.value),
    downAdverts: instance.downAdverts.value,
    priority: healthyPriority({ vrrp }, instance),
    state: instance.state.value,
    preempts: preempts(instance),
    garpDelayMs: garpDelayS.value * 1000,
    garpRefreshMs: garpRefreshS.value * 1000,
    garpRefreshRepeat: instance.garpRefreshRepeat.value,
    ...(script && {
      check: {
        intervalMs: script.intervalMs.value,
        fall: script.fall.value,
        rise: script.rise.value,
        ...(script.timeoutMs && { timeoutMs: script.timeoutMs.value }),
        ...(weights.length > 0 && { failedPriority: failedPriority({ vrrp }, instance, weights) }),
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
