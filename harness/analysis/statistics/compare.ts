import { criticalU, mannWhitneyP } from './mann-whitney.ts';

/** One side of a comparison, ms; longer is worse. */
export interface Sample {
  readonly values: readonly number[];
  /** Lower bounds of outages that were not over: longer than any that ended. */
  readonly atLeast?: readonly number[];
  /** The same runs' parts by name, each with as many values, so that a difference can be traced to one. */
  readonly parts?: Readonly<Record<string, readonly number[]>>;
}

/** Both ends of an interval, ms; null where there is no such end. */
export type Interval = readonly [low: number | null, high: number | null];

export interface Comparison {
  /** Sizes of the first and the second sample. */
  readonly n: readonly [number, number];
  /** How many of them were not over. */
  readonly notOver: readonly [number, number];
  /** How much longer the second sample is than the first, ms (Hodges and Lehmann's shift). */
  readonly effect: number;
  /** Whether the effect is a lower bound, away from zero: an outage that is not over has no length. */
  readonly atLeast?: true;
  /** Confidence interval of the effect of at least 1 − alpha; null where there are too few values. */
  readonly interval: Interval | null;
  /** Mann and Whitney's two-sided p-value. */
  readonly p: number;
  /**
   * `slower` and `faster`: significant and at least the minimum, or one side never returned and the other always
   * did; `same`: the interval excludes the minimum; `undecided`: neither can be said with so few runs.
   */
  readonly verdict: 'slower' | 'faster' | 'same' | 'undecided';
  /** The part that moved most in the direction of the verdict, when there is something to blame. */
  readonly blame?: { readonly part: string; readonly effect: number };
}

/** Whether anything can be compared with a sample. */
export function isEmpty({ values, atLeast = [] }: Sample): boolean {
  return values.length + atLeast.length === 0;
}

/**
 * Compares two samples: a difference counts when it is significant *and* not smaller than what matters, so
 * that neither noise nor a negligible change raises an alarm. What is not over ranks above anything that is, and ties with
 * its like (Gehan, Biometrika 52, 1965, for bounds that all lie above what was seen).
 *
 * @param minimumEffectMs below this, a difference does not matter
 * @param alpha the rate of false alarms among equal samples, two-sided
 * @throws RangeError when a sample is empty
 */
export function compare(
  a: Sample,
  b: Sample,
  { minimumEffectMs, alpha = 0.05 }: { readonly minimumEffectMs: number; readonly alpha?: number },
): Comparison {
  if (isEmpty(a) || isEmpty(b)) throw new RangeError('A sample without values cannot be compared.');
  const { effect, interval, atLeast } = shift(a, b, alpha);
  const p = mannWhitneyP(ranked(a), ranked(b));
  const verdict = neverReturned(a, b) ?? verdictOf({ effect, interval, p, minimumEffectMs, alpha });
  const moved = verdict === 'slower' || verdict === 'faster';
  const blame = moved ? mostMoved(a, b, Math.sign(effect)) : undefined;
  return {
    n: [ranked(a).length, ranked(b).length],
    notOver: [a.atLeast?.length ?? 0, b.atLeast?.length ?? 0],
    effect,
    ...(atLeast && { atLeast }),
    interval,
    p,
    verdict,
    ...(blame && { blame }),
  };
}

/** All values; those without a seen end as infinite. */
function ranked({ values, atLeast = [] }: Sample): readonly number[] {
  return [...values, ...atLeast.map(() => Number.POSITIVE_INFINITY)];
}

/** A service that never returns is not due to chance, even in few runs; where neither side returns, nothing can be compared. */
function neverReturned(a: Sample, b: Sample): Comparison['verdict'] | undefined {
  const gone = (sample: Sample) => sample.values.length === 0;
  const whole = (sample: Sample) => !sample.atLeast?.length;
  if (gone(a) && gone(b)) return 'undecided';
  if (gone(b) && whole(a)) return 'slower';
  if (gone(a) && whole(b)) return 'faster';
  return undefined;
}

function verdictOf(found: {
  readonly effect: number;
  readonly interval: Interval | null;
  readonly p: number;
  readonly minimumEffectMs: number;
  readonly alpha: number;
}): Comparison['verdict'] {
  const { effect, interval, minimumEffectMs } = found;
  if (found.p <= found.alpha && Math.abs(effect) >= minimumEffectMs) return effect > 0 ? 'slower' : 'faster';
  const [low = null, high = null] = interval ?? [];
  if (low !== null && high !== null && low > -minimumEffectMs && high < minimumEffectMs) return 'same';
  return 'undecided';
}

/**
 * Hodges and Lehmann's estimate of the shift, the median of all differences, and its distribution-free
 * interval: the differences that the critical U cuts off at both ends (Lehmann, Nonparametrics, section 2.5).
 * Where the median difference is to a run that is not over, the shift is only known to be at least what it is
 * to the bound.
 */
function shift(
  a: Sample,
  b: Sample,
  alpha: number,
): Pick<Comparison, 'effect' | 'interval'> & { readonly atLeast?: true } {
  const [before, after] = [ranked(a), ranked(b)];
  const differences = differencesOf(before, after);
  const cut = criticalU(before.length, after.length, alpha);
  const low = cut === undefined ? undefined : differences[cut];
  const high = cut === undefined ? undefined : differences[differences.length - 1 - cut];
  const interval: Interval | null =
    low === undefined || high === undefined ? null : [endOf(low), endOf(high)];
  const effect = middle(differences);
  if (Number.isFinite(effect)) return { effect, interval };
  // NaN: both sides are infinitely longer in equally many pairs.
  if (Number.isNaN(effect)) return { effect: 0, interval };
  const bounded = (sample: Sample) => [...sample.values, ...(sample.atLeast ?? [])];
  const known = effect > 0 ? differencesOf(before, bounded(b)) : differencesOf(bounded(a), after);
  return { effect: middle(known), interval, atLeast: true };
}

/** Each value of the second sample less each of the first, in order; two that are not over do not differ. */
function differencesOf(a: readonly number[], b: readonly number[]): number[] {
  return b.flatMap((y) => a.map((x) => (x === y ? 0 : y - x))).sort((x, y) => (x === y ? 0 : x - y));
}

/** The median of sorted values; it may be infinite, for which a library's interpolation gives NaN. */
function middle(sorted: readonly number[]): number {
  const [low = Number.NaN, high = low] = [
    sorted[Math.ceil(sorted.length / 2) - 1],
    sorted[Math.floor(sorted.length / 2)],
  ];
  return low === high ? low : (low + high) / 2;
}

function endOf(difference: number): number | null {
  return Number.isFinite(difference) ? difference : null;
}

function mostMoved(a: Sample, b: Sample, direction: number): Comparison['blame'] {
  const moves = Object.entries(a.parts ?? {}).flatMap(([part, values]) => {
    const others = b.parts?.[part];
    if (!others?.length || !values.length) return [];
    return { part, effect: middle(differencesOf(values, others)) };
  });
  return moves.reduce<Comparison['blame']>(
    (most, move) => (!most || move.effect * direction > most.effect * direction ? move : most),
    undefined,
  );
}
