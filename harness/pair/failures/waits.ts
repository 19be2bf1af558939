import type { Bounds } from '../../analysis/model/bounds.ts';
import { roundedIntervalMs, skewMs, unheardMs } from '../../analysis/model/vrrp.ts';
import { nodeOf, type Pair, sharedRouters, together } from '../configuration/pair.ts';
import { healthyPriority } from '../configuration/priorities.ts';
import { type Instance, preempts } from '../configuration/vrrp.ts';
import { latest } from './prediction.ts';

/** The advertisement interval as it counts. */
export function advertMs({ version, advertIntMs }: Instance): number {
  return roundedIntervalMs(version.value, advertIntMs.value);
}

/** keepalived ignores `preempt_delay` with the initial state MASTER, with nopreempt and in strict mode. */
export function preemptDelayMs(instance: Instance): number {
  const {
    state,
    strict,
    nopreempt,
    preemptDelayMs: { value },
  } = instance;
  return state.value === 'MASTER' || strict || nopreempt ? 0 : value;
}

/** What an instance that takes over waits for, while the node that holds the address changes. */
export interface TakeOver {
  readonly pair: Pair;
  readonly holder: Instance;
  readonly successor: Instance;
}

/**
 * The holder falls silent: the master-down interval less what had passed of an advertisement interval (RFC 3768, 5798
 * and 9568, section 6.1). Under version 3 the interval is the one that the holder advertises.
 */
export function silence(takeOver: TakeOver): Bounds {
  return overMembers(takeOver, (timers) => unheardMs(timers));
}

/** The holder leaves with priority 0: the skew (section 6.4.2 of the same). */
export function farewell(takeOver: TakeOver): Bounds {
  return overMembers(takeOver, ({ skew }) => ({ min: skew, max: skew }));
}

/** The holder goes on with a lower priority, and its advertisements are discarded. */
export function preemption(takeOver: TakeOver): Bounds {
  return overMembers(takeOver, ({ instance, ...timers }) => unheardMs(timers, preemptDelayMs(instance)));
}

interface Timers {
  readonly instance: Instance;
  readonly advertIntMs: number;
  readonly skew: number;
  readonly adverts: number;
}

/** A sync group takes over when the last of its members may (vrrp_sync_can_goto_master() of vrrp_sync.c). */
function overMembers({ pair, holder, successor }: TakeOver, wait: (timers: Timers) => Bounds): Bounds {
  const members = together(pair, successor).map((instance) => {
    const heard = sharedRouters(pair)
      .find((router) => router.includes(instance))
      ?.find(({ node }) => node === holder.node);
    const advertIntMs = advertMs(instance.version.value === 3 ? (heard ?? instance) : instance);
    const priority = healthyPriority(nodeOf(pair, instance), instance);
    const skew = skewMs(instance.version.value, advertIntMs, priority);
    return wait({ instance, advertIntMs, skew, adverts: instance.downAdverts.value });
  });
  return members.reduce(latest);
}

/** Whether an instance takes the address from a lower priority, with all of its sync group. */
export function takesFromLower(pair: Pair, instance: Instance): boolean {
  return together(pair, instance).every(preempts);
}

/** A wait in words: `3 × 1 s + (256 − 90)/256 s`. */
export function silenceText({ pair, holder, successor }: TakeOver): string {
  const isThird = successor.version.value === 3;
  const interval = `${advertMs(isThird ? holder : successor) / 1000} s`;
  return `${successor.downAdverts.value} × ${interval} + ${skewText(pair, successor, interval)}`;
}

/** `(256 − 90)/256 s` */
export function skewText(pair: Pair, successor: Instance, interval: string): string {
  const share = `(256 − ${healthyPriority(nodeOf(pair, successor), successor)})/256`;
  return successor.version.value === 3 ? `${share} × ${interval}` : `${share} s`;
}
