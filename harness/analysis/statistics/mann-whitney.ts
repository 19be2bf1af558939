import { cumulativeStdNormalProbability, wilcoxonRankSum } from 'simple-statistics';

/** Above this many pairs the normal approximation errs by less than a thousandth. */
const EXACT_PAIRS_MAX = 10_000;

/**
 * Mann and Whitney's U of the first sample: in how many of the pairs its value is the greater one, ties
 * counting half. From the rank sum W, U = W − n(n + 1)/2.
 */
export function mannWhitneyU(a: readonly number[], b: readonly number[]): number {
  return wilcoxonRankSum([...a], [...b]) - (a.length * (a.length + 1)) / 2;
}

/**
 * The two-sided p-value that the samples are of one distribution: exact without ties; with ties the
 * next larger U is taken, which never overstates a difference.
 */
export function mannWhitneyP(a: readonly number[], b: readonly number[]): number {
  const pairs = a.length * b.length;
  const u = mannWhitneyU(a, b);
  const smaller = Math.ceil(Math.min(u, pairs - u));
  return Math.min(1, 2 * probabilityUpTo(smaller, a.length, b.length));
}

/**
 * The greatest U at which samples of these sizes differ on the two-sided level `alpha`, as the published tables
 * give it; undefined when they are too small to differ at all.
 */
export function criticalU(n: number, m: number, alpha: number): number | undefined {
  let critical: number | undefined;
  for (let u = 0; u <= (n * m) / 2; u++) {
    if (2 * probabilityUpTo(u, n, m) > alpha) break;
    critical = u;
  }
  return critical;
}

/** P(U ≤ u) for samples of n and m values of one continuous distribution. */
function probabilityUpTo(u: number, n: number, m: number): number {
  if (n * m > EXACT_PAIRS_MAX) {
    const deviation = Math.sqrt((n * m * (n + m + 1)) / 12);
    return cumulativeStdNormalProbability((u + 0.5 - (n * m) / 2) / deviation);
  }
  const ways = distribution(n, m);
  let sum = 0;
  for (let k = 0; k <= u; k++) sum += ways[k] ?? 0;
  return sum;
}

const known = new Map<string, Float64Array>();

/**
 * The probability of each U. Its generating function is Gauss's binomial coefficient
 * ∏ (1 − q^(m+i)) / (1 − q^i), i = 1…n, divided by the number of arrangements.
 */
function distribution(n: number, m: number): Float64Array {
  const key = `${n},${m}`;
  const found = known.get(key);
  if (found) return found;
  const ways = new Float64Array(n * m + 1);
  ways[0] = 1;
  for (let i = 1; i <= n; i++) {
    for (let u = n * m; u >= m + i; u--) ways[u] = (ways[u] ?? 0) - (ways[u - m - i] ?? 0);
    for (let u = i; u <= n * m; u++) ways[u] = (ways[u] ?? 0) + (ways[u - i] ?? 0);
  }
  const total = ways.reduce((sum, count) => sum + count, 0);
  const probabilities = ways.map((count) => count / total);
  known.set(key, probabilities);
  return probabilities;
}
