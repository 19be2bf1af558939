import type { AgentName } from '../../system/under-test.ts';
import type { VrrpConfiguration } from './keepalived-configuration.ts';

/** What predicts the outage of an episode: the pair's configuration, and the instants. */
export interface Prediction {
  /** Timers of the amphora that holds the VIP when the fault strikes. */
  readonly holder: VrrpConfiguration;
  /** Timers of the other one, which takes over. */
  readonly other: VrrpConfiguration;
  /** Time from the holder's last advertisement to the fault. */
  readonly phaseMs: number;
  /** Time from the fault until the holder stopped answering: 0 where it stopped at once. */
  readonly servedMs: number;
  /** Time from the fault until the story does the next thing, such as its repair; undefined where it does nothing more. */
  readonly lastsMs?: number | undefined;
  /** Whether the holder passes packets on for an address that it has given up (net.ipv4.ip_forward). */
  readonly holderForwards?: boolean;
  /** Version of keepalived on both; undefined where it is unknown. */
  readonly keepalived?: string | undefined;
  /** Whose agent builds a new amphora; undefined where there is no run. */
  readonly agent?: AgentName | undefined;
}

/** The duration that a model demands, ms; `max` is infinite for a lower bound. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Why they are wider than they would be if more were known. */
  readonly unsure?: string | undefined;
}

/** One or the other: which is not known. */
export function either(one: Bounds, other: Bounds): Bounds {
  return { min: Math.min(one.min, other.min), max: Math.max(one.max, other.max) };
}

/** Bounds with equal ends. */
export function asBounds(demanded: number | Bounds): Bounds {
  return typeof demanded === 'number' ? { min: demanded, max: demanded } : demanded;
}

/**
 * The distance from the bounds, ms: negative when it was faster than the protocol allows. Without an upper bound,
 * the distance from the lower one.
 */
export function excessOver({ min, max }: Bounds, measuredMs: number): number {
  if (max === Number.POSITIVE_INFINITY) return measuredMs - min;
  return measuredMs > max ? measuredMs - max : Math.min(0, measuredMs - min);
}
