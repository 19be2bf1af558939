import { comparedMetric, type ScenarioEntry, sampleOf } from '../history/entry.ts';
import { type Comparison, compare } from '../statistics/compare.ts';

type Runs = ScenarioEntry['runs'];

/** Both sides' runs so far. */
export interface Duel {
  readonly a: Runs;
  readonly b: Runs;
}

/** What is known after a look. */
export interface Standing {
  readonly metric: string;
  readonly comparison?: Comparison;
  readonly certain: boolean;
}

/**
 * Compares what there is by now. Whoever looks often sees chance more often: the rate of false alarms is
 * divided by the number of looks that there may be (Bonferroni).
 *
 * @param samePredictions whether both sides are expected to fail over equally fast: then what is beyond the
 *   prediction is compared, which is free of the fault's phase, otherwise the outage itself
 */
export function standingOf(
  { a, b }: Duel,
  options: {
    readonly minimumEffectMs: number;
    readonly looks: number;
    readonly samePredictions: boolean;
  },
): Standing {
  const metric = options.samePredictions ? comparedMetric([...a, ...b]) : 'outage';
  const [before, after] = [sampleOf(a, metric), sampleOf(b, metric)];
  if (before.values.length === 0 || after.values.length === 0) return { metric, certain: false };
  const { minimumEffectMs } = options;
  const comparison = compare(before, after, { minimumEffectMs, alpha: 0.05 / options.looks });
  return { metric, comparison, certain: comparison.verdict !== 'undecided' };
}

/** The order of a round: A B B A, so that what drifts with time weighs on both sides alike. */
export function roundOrder(round: number): readonly ('a' | 'b')[] {
  return round % 2 === 0 ? ['a', 'b', 'b', 'a'] : ['b', 'a', 'a', 'b'];
}
