import { median } from 'simple-statistics';
import { criticalU, mannWhitneyP } from './mann-whitney.ts';

/** What one side of a comparison measured, ms; the longer, the worse. */
export interface Sample {
  readonly values: readonly number[];
  /** The same runs' parts by name, each with as many values, so that a difference can be traced to one. */
  readonly parts?: Readonly<Record<string, readonly number[]>>;
}

export interface Comparison {
  /** Of the first and the second sample. */
  readonly n: readonly [number, number];
  /** How much longer the second sample is than the first, ms (Hodges and Lehmann's shift). */
  readonly effect: number;
  /** Confidence interval of the effect of at least 1 − alpha; null where there are too few values. */
  readonly interval: readonly [number, number] | null;
  /** Mann and Whitney's two-sided p-value. */
  readonly p: number;
  /**
   * `slower` and `faster`: significant and at least the minimum; `same`: the interval excludes the minimum;
   * `undecided`: neither can be said with so few runs.
   */
  readonly verdict: 'slower' | 'faster' | 'same' | 'undecided';
  /** The part that moved most in the direction of the verdict, when there is something to blame. */
  readonly blame?: { readonly part: string; readonly effect: number };
}

/**
 * Compares two samples: a difference counts when it is significant *and* not smaller than what matters, so
 * that neither noise nor a trifle raises an alarm.
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
  if (a.values.length === 0 || b.values.length === 0)
    throw new RangeError('A sample without values cannot be compared.');
  const { effect, interval } = shift(a.values, b.values, alpha);
  const p = mannWhitneyP(a.values, b.values);
  const verdict = verdictOf({ effect, interval, p, minimumEffectMs, alpha });
  const moved = verdict === 'slower' || verdict === 'faster';
  const blame = moved ? mostMoved(a, b, Math.sign(effect)) : undefined;
  return { n: [a.values.length, b.values.length], effect, interval, p, verdict, ...(blame && { blame }) };
}

function verdictOf(found: {
  readonly effect: number;
  readonly interval: readonly [number, number] | null;
  readonly p: number;
  readonly minimumEffectMs: number;
  readonly alpha: number;
}): Comparison['verdict'] {
  const { effect, interval, minimumEffectMs } = found;
  if (found.p <= found.alpha && Math.abs(effect) >= minimumEffectMs) return effect > 0 ? 'slower' : 'faster';
  if (interval && interval[0] > -minimumEffectMs && interval[1] < minimumEffectMs) return 'same';
  return 'undecided';
}

/**
 * Hodges and Lehmann's estimate of the shift, the median of all differences, and its distribution-free
 * interval: the differences that the critical U cuts off at both ends (Lehmann, Nonparametrics, section 2.5).
 */
function shift(
  a: readonly number[],
  b: readonly number[],
  alpha: number,
): Pick<Comparison, 'effect' | 'interval'> {
  const differences = b.flatMap((y) => a.map((x) => y - x)).sort((x, y) => x - y);
  const cut = criticalU(a.length, b.length, alpha);
  const low = cut === undefined ? undefined : differences[cut];
  const high = cut === undefined ? undefined : differences[differences.length - 1 - cut];
  return {
    effect: median(differences),
    interval: low === undefined || high === undefined ? null : [low, high],
  };
}

function mostMoved(a: Sample, b: Sample, direction: number): Comparison['blame'] {
  const moves = Object.entries(a.parts ?? {}).flatMap(([part, values]) => {
    const others = b.parts?.[part];
    if (!others?.length || !values.length) return [];
    return { part, effect: shift(values, others, 1).effect };
  });
  return moves.reduce<Comparison['blame']>(
    (most, move) => (!most || move.effect * direction > most.effect * direction ? move : most),
    undefined,
  );
}
