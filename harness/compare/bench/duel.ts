import { type Difference, differenceOf, type Side } from '../history/difference.ts';

/** Both sides' runs so far. */
export interface Duel {
  readonly a: Side;
  readonly b: Side;
}

/** What is known after a look. */
export interface Standing {
  /** Absent while one side has no run that counts. */
  readonly difference?: Difference;
  /** Further runs would change neither the verdict on the whole nor that on software. */
  readonly certain: boolean;
}

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
  const difference = differenceOf(a, b, { minimumEffectMs, alpha: 0.05 / (looks * comparisons) });
  if (!difference) return { certain: false };
  const { verdict, software } = difference;
  return { difference, certain: verdict !== 'undecided' && software.verdict !== 'undecided' };
}

/** The order of a round: A B B A, or A B C C B A, so that drift affects all sides equally. */
export function roundOrder(round: number, sides: number): readonly number[] {
  const there = Array.from({ length: sides }, (_, side) => side);
  const back = there.toReversed();
  return round % 2 === 0 ? [...there, ...back] : [...back, ...there];
}
