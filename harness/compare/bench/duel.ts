import { type Difference, differenceOf, type Side } from '../history/difference.ts';
import { type Failures, failuresOf } from './failures.ts';

/** Both sides' runs so far. */
export interface Duel {
  readonly a: Side;
  readonly b: Side;
}

/** What is known after a look. */
export interface Standing {
  /** Absent while one side has no run that counts. */
  readonly difference?: Difference;
  readonly failures: Failures;
  /** Further runs would change no verdict: neither on the whole, nor on software, nor on which side fails. */
  readonly certain: boolean;
}

/** Before the first run. */
export const NOTHING_KNOWN: Standing = {
  failures: { a: { those: 0, of: 0 }, b: { those: 0, of: 0 } },
  certain: false,
};

/**
 * Compares the runs so far. Frequent looks find chance differences more often: the rate of false alarms is
 * divided by the number of looks that there may be, and so it is by the number of comparisons (Bonferroni).
 */
export function standingOf(
  { a, b }: Duel,
  {
    minimumEffectMs,
    looks,
    comparisons = 1,
  }: { readonly minimumEffectMs: number; readonly looks: number; readonly comparisons?: number },
): Standing {
  // Two questions a look: how long the outages are, and how often runs fail.
  const alpha = 0.05 / (looks * comparisons);
  const difference = differenceOf(a, b, { minimumEffectMs, alpha: alpha / 2 });
  const failures = failuresOf(a.runs, b.runs, { alpha: alpha / 2 });
  if (!difference) return { failures, certain: false };
  const { verdict, software } = difference;
  const measured = verdict !== 'undecided' && software.verdict !== 'undecided';
  return { difference, failures, certain: measured || failures.worse !== undefined };
}

/** The order of a round: A B B A, or A B C C B A, so that drift affects all sides equally. */
export function roundOrder(round: number, sides: number): readonly number[] {
  const there = Array.from({ length: sides }, (_, side) => side);
  const back = there.toReversed();
  return round % 2 === 0 ? [...there, ...back] : [...back, ...there];
}
