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
 * divided by the number of looks that there may be (Bonferroni).
 */
export function standingOf(
  { a, b }: Duel,
  { minimumEffectMs, looks }: { readonly minimumEffectMs: number; readonly looks: number },
): Standing {
  const difference = differenceOf(a, b, { minimumEffectMs, alpha: 0.05 / looks });
  if (!difference) return { certain: false };
  const { verdict, software } = difference;
  return { difference, certain: verdict !== 'undecided' && software.verdict !== 'undecided' };
}

/** The order of a round: A B B A, so that drift affects both sides equally. */
export function roundOrder(round: number): readonly ('a' | 'b')[] {
  return round % 2 === 0 ? ['a', 'b', 'b', 'a'] : ['b', 'a', 'a', 'b'];
}
