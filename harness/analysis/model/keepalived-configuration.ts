import type { VrrpVersion } from '../../../src/domain/settings.ts';

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

/** A block of keepalived.conf: its words, and the blocks inside it. */
interface Block {
  readonly title: readonly string[];
  readonly settings: ReadonlyMap<string, readonly string[]>;
  readonly blocks: readonly Block[];
}

/**
 * Reads the first VRRP instance of a rendered keepalived.conf.
 *
 * @returns undefined when the text has none, as for a single amphora
 */
export function readVrrpConfiguration(text: string): VrrpConfiguration | undefined {
  const { blocks } = parse(text);
  const instance = blocks.find(({ title }) => title[0] === 'vrrp_instance');
  if (!instance) return undefined;
  const number = (block: Block, name: string, otherwise: number): number => {
    const value = Number(block.settings.get(name)?.[0] ?? Number.NaN);
    return Number.isFinite(value) ? value : otherwise;
  };
  const tracked = instance.blocks.find(({ title }) => title[0] === 'track_script');
  const [scriptName] = [...(tracked?.settings.keys() ?? [])];
  const script = blocks.find(({ title }) => title[0] === 'vrrp_script' && title[1] === scriptName);
  const state = instance.settings.get('state')?.[0] === 'MASTER' ? 'MASTER' : 'BACKUP';
  return {
    version: number(instance, 'version', 2) === 3 ? 3 : 2,
    advertIntMs: number(instance, 'advert_int', 1) * 1000,
    priority: number(instance, 'priority', 100),
    state,
    preempts: state === 'MASTER' || !instance.settings.has('nopreempt'),
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

function parse(text: string): Block {
  const root = { title: [], settings: new Map<string, readonly string[]>(), blocks: [] as Block[] };
  const open: (typeof root | (Block & { settings: Map<string, readonly string[]>; blocks: Block[] }))[] = [
    root,
  ];
  for (const line of text.split('\n')) {
    const words = line
      .replace(/[#!].*$/, '')
      .trim()
      .split(/\s+/)
      .filter(Boolean);
    const inside = open.at(-1) ?? root;
    const last = words.at(-1);
    if (last === '{') {
      const block = { title: words.slice(0, -1), settings: new Map<string, readonly string[]>(), blocks: [] };
      inside.blocks.push(block);
      open.push(block);
    } else if (last === '}') {
      if (open.length > 1) open.pop();
    } else if (words[0]) {
      inside.settings.set(words[0], words.slice(1));
    }
  }
  return root;
}
