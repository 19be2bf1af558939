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
