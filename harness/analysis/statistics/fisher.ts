import { gammaln } from 'simple-statistics';

/** How many of a number have a property. */
export interface Share {
  readonly those: number;
  readonly of: number;
}

/**
 * How probable at least so unequal shares are where both sides are alike: Fisher's exact test, two-sided. It holds for
 * any number of runs, also for few.
 */
export function fisher(a: Share, b: Share): number {
  const those = a.those + b.those;
  const logTotal = logChoose(a.of + b.of, those);
  const probability = (inA: number) =>
    Math.exp(logChoose(a.of, inA) + logChoose(b.of, those - inA) - logTotal);
  // Equally probable tables differ in their last digits.
  const seen = probability(a.those) * (1 + 1e-7);
  const least = Math.max(0, those - b.of);
  const tables = Array.from({ length: Math.min(those, a.of) - least + 1 }, (_, n) => probability(least + n));
  return Math.min(
    1,
    tables.filter((each) => each <= seen).reduce((sum, each) => sum + each, 0),
  );
}

function logChoose(of: number, those: number): number {
  return gammaln(of + 1) - gammaln(those + 1) - gammaln(of - those + 1);
}
