/**
 * A sample in a few figures, in the unit of its values. A figure beyond the observation is null; without bounds
 * none is.
 */
export interface Summary<Figure extends number | null = number> {
  /** Values and bounds together. */
  readonly n: number;
  /** How many are lower bounds: the value itself was not seen. */
  readonly notOver: number;
  readonly min: Figure;
  readonly median: Figure;
  readonly p95: Figure;
  readonly max: Figure;
  /**
   * Confidence interval of the median of at least 95 %, from order statistics; absent below six values. Its upper
   * end is null where it lies beyond what was seen.
   */
  readonly ci95: readonly [number, Figure] | null;
}

/**
 * Summarises values of which some are known from below only (right-censored). Quantiles are Kaplan and Meier's
 * (JASA 53, 1958); without bounds they are the ordinary ones.
 *
 * @param atLeast lower bounds of the values whose end was not seen
 * @throws RangeError when there are no values
 */
export function summarise(values: readonly number[]): Summary;
export function summarise(values: readonly number[], atLeast: readonly number[]): Summary<number | null>;
export function summarise(
  values: readonly number[],
  atLeast: readonly number[] = [],
): Summary<number | null> {
  const n = values.length + atLeast.length;
  if (n === 0) throw new RangeError('A sample without values has no summary.');
  const curve = survival(values, atLeast);
  return {
    n,
    notOver: atLeast.length,
    min: curve[0]?.value ?? null,
    median: quantile(curve, 0.5),
    p95: quantile(curve, 0.95),
    max: quantile(curve, 1),
    ci95: medianInterval(values, atLeast),
  };
}

/** Rounding of the product of shares is no difference. */
const EPSILON = 1e-9;

interface Step {
  readonly value: number;
  /** The share that lies above the value. */
  readonly above: number;
}

/** Kaplan and Meier's curve: at each value, the share of those still known to be larger falls by those that end there. */
function survival(values: readonly number[], atLeast: readonly number[]): readonly Step[] {
  const sorted = [...values].sort((a, b) => a - b);
  const bounds = [...atLeast].sort((a, b) => a - b);
  const steps: Step[] = [];
  let above = 1;
  let left = 0;
  for (let ended = 0; ended < sorted.length; ) {
    const value = sorted[ended] ?? 0;
    let here = 0;
    while (sorted[ended + here] === value) here++;
    // A bound equal to a value counts as larger: the service had not returned by then.
    while ((bounds[left] ?? Number.POSITIVE_INFINITY) < value) left++;
    above *= 1 - here / (sorted.length - ended + bounds.length - left);
    ended += here;
    steps.push({ value, above });
  }
  return steps;
}

/** The value that the share `p` does not exceed: half-way to the next where the curve runs level at 1 − p. */
function quantile(curve: readonly Step[], p: number): number | null {
  const at = curve.findIndex(({ above }) => above <= 1 - p + EPSILON);
  const step = curve[at];
  if (!step) return null;
  if (step.above < 1 - p - EPSILON || p === 1) return step.value;
  const next = curve[at + 1];
  return next ? (step.value + next.value) / 2 : null;
}

/**
 * The exact, distribution-free interval of the median: the number of values below it is binomial(n, ½), so that
 * the k-th smallest and the k-th largest enclose it with probability 1 − 2·P(B < k). A bound counts as itself
 * at the lower end and as endless at the upper, so that the interval is never too narrow.
 */
function medianInterval(
  values: readonly number[],
  atLeast: readonly number[],
): Summary<number | null>['ci95'] {
  const n = values.length + atLeast.length;
  let below = 0;
  let probability = 0.5 ** n;
  let k = 0;
  while (below + probability <= 0.025) {
    below += probability;
    probability = (probability * (n - k)) / (k + 1);
    k++;
  }
  const lower = [...values, ...atLeast].sort((a, b) => a - b)[k - 1];
  if (k === 0 || lower === undefined) return null;
  return [lower, [...values].sort((a, b) => a - b)[n - k] ?? null];
}
