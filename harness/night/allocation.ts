import { isEmpty, type Sample } from '../statistics/compare.ts';
import { summarise } from '../statistics/summary.ts';

/** Where a scenario stands in the middle of a night. */
export interface Standing {
  readonly name: string;
  /** The compared figure of each run that counts, ms. */
  readonly sample: Sample;
  /** Runs done, those included that did not count. */
  readonly done: number;
  /** How long a run of it takes, ms; of an earlier night, or of this one. */
  readonly runMs: number;
  /** This machine cannot run it. */
  readonly skipped: boolean;
}

/** Below six values the median has no interval of 95 %: nobody can say how uncertain it is. */
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
  // Nothing is more certain than a service that never returns.
  if (ci95[1] === null) return sample.values.length === 0 ? 0 : Number.POSITIVE_INFINITY;
  return (ci95[1] - ci95[0]) / 2 / minimumEffectMs;
}

/**
 * The next runs of a night, by scenario: first one of each, so that a short night has seen everything, then
 * where most uncertainty is taken for the time. Scenarios that are certain get no more.
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

  /** An interval narrows with the root of the runs, so that each further one is worth less than the last. */
  function worth(standing: Standing): number {
    const runs = runsOf(standing);
    if (runs < RUNS_MIN) return 1e9 / (1 + runs) - standing.runMs / 1e6;
    const uncertainty = Math.min(1e3, uncertaintyOf(standing.sample, minimumEffectMs));
    return uncertainty / (1 + runs) / standing.runMs;
  }
}
