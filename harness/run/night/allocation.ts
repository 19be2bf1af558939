import { isEmpty, type Sample } from '../../analysis/statistics/compare.ts';
import { summarise } from '../../analysis/statistics/summary.ts';

/** The state of a scenario in the middle of a night. */
export interface Standing {
  readonly name: string;
  /** The compared figure of each run that counts, ms. */
  readonly sample: Sample;
  /** Finished runs, also those that do not count. */
  readonly done: number;
  /** Duration of one run, ms, from an earlier night or from this one. */
  readonly runMs: number;
  /** This machine cannot run it. */
  readonly skipped: boolean;
}

/** Below six values the median has no interval of 95 %: its uncertainty is not known. */
const RUNS_MIN = 6;
const RUNS_MAX = 40;

/**
 * Half the width of the median's confidence interval as a multiple of the smallest effect that matters: below
 * one, a change of that size would show. Infinite while there are too few runs to say, or too many that were not over.
 */
export function uncertaintyOf(sample: Sample, minimumEffectMs: number): number {
  if (isEmpty(sample)) return Number.POSITIVE_INFINITY;
  const { ci95 } = summarise(sample.values, sample.atLeast ?? []);
  if (!ci95) return Number.POSITIVE_INFINITY;
  // A service that never returns leaves no uncertainty.
  if (ci95[1] === null) return sample.values.length === 0 ? 0 : Number.POSITIVE_INFINITY;
  return (ci95[1] - ci95[0]) / 2 / minimumEffectMs;
}

/**
 * The next runs of a night, by scenario: first one of each, so that a short night covers everything, then
 * those that remove most uncertainty for their time. Certain scenarios get no more.
 *
 * @param places how many runs the batch has
 * @param leftMs until the budget is spent; no run is begun that would not end in it
 */
export function nextRuns(
  standings: readonly Standing[],
  { places, leftMs, minimumEffectMs }: { places: number; leftMs: number; minimumEffectMs: number },
): Readonly<Record<string, number>> {
  const given = new Map<string, number>();
  const runsOf = ({ name, done }: Standing) => done + (given.get(name) ?? 0);
  for (let place = 0; place < places; place++) {
    const open = standings.filter(
      (standing) =>
        !standing.skipped &&
        standing.runMs <= leftMs &&
        runsOf(standing) < RUNS_MAX &&
        uncertaintyOf(standing.sample, minimumEffectMs) > 0.5,
    );
    const next = open.reduce<Standing | undefined>(
      (best, standing) => (!best || worth(standing) > worth(best) ? standing : best),
      undefined,
    );
    if (!next) break;
    given.set(next.name, (given.get(next.name) ?? 0) + 1);
  }
  return Object.fromEntries(given);

  /** An interval narrows with the square root of the runs: each further run is worth less. */
  function worth(standing: Standing): number {
    const runs = runsOf(standing);
    if (runs < RUNS_MIN) return 1e9 / (1 + runs) - standing.runMs / 1e6;
    const uncertainty = Math.min(1e3, uncertaintyOf(standing.sample, minimumEffectMs));
    return uncertainty / (1 + runs) / standing.runMs;
  }
}
