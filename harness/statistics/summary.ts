import { max, median, min, quantile } from 'simple-statistics';

/** A sample in a few figures, in the unit of its values. */
export interface Summary {
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
  /** Confidence interval of the median of at least 95 %, from order statistics; absent below six values. */
  readonly ci95: readonly [number, number] | null;
}

/** @throws when there is no value. */
export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    n: sorted.length,
    min: min(sorted),
    median: median(sorted),
    p95: quantile(sorted, 0.95),
    max: max(sorted),
    ci95: medianInterval(sorted),
  };
}

/**
 * The exact, distribution-free interval of the median: the number of values below it is binomial(n, ½), so
 * that the k-th smallest and the k-th largest enclose it with probability 1 − 2·P(B < k).
 */
function medianInterval(sorted: readonly number[]): readonly [number, number] | null {
  const n = sorted.length;
  let below = 0;
  let probability = 0.5 ** n;
  let k = 0;
  while (below + probability <= 0.025) {
    below += probability;
    probability = (probability * (n - k)) / (k + 1);
    k++;
  }
  const lower = sorted[k - 1];
  const upper = sorted[n - k];
  return k === 0 || lower === undefined || upper === undefined ? null : [lower, upper];
}
