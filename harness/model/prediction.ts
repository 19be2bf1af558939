import type { VrrpConfiguration } from './keepalived-configuration.ts';

/** What is known when the outage of an episode is predicted: what the pair was told, and the instants. */
export interface Prediction {
  /** Timers of the amphora that holds the VIP when the fault strikes. */
  readonly holder: VrrpConfiguration;
  /** Timers of the other one, which takes over. */
  readonly other: VrrpConfiguration;
  /** From the holder's last advertisement until it struck. */
  readonly phaseMs: number;
  /** From then on until the holder answered nobody any more: 0 where that was at once. */
  readonly servedMs: number;
}

/** A duration that a model demands, ms; `max` is infinite where nothing bounds it. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A figure is a bound whose ends meet. */
export function asBounds(demanded: number | Bounds): Bounds {
  return typeof demanded === 'number' ? { min: demanded, max: demanded } : demanded;
}

/**
 * What lies outside the bounds, ms: negative when it was faster than the protocol allows. Where only the least is
 * demanded, all that lies beyond it.
 */
export function excessOver({ min, max }: Bounds, measuredMs: number): number {
  if (max === Number.POSITIVE_INFINITY) return measuredMs - min;
  return measuredMs > max ? measuredMs - max : Math.min(0, measuredMs - min);
}
