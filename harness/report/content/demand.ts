import { median } from 'simple-statistics';
import type { Bounds } from '../../analysis/model/bounds.ts';
import { isJudged, type MeasuredRun as Run } from '../../result/measured.ts';

/** What the configuration demands for a fault right after an advertisement, by the amphora that takes over. */
export type Demands = ReadonlyMap<string, Bounds>;

/** @returns undefined where no run that counts says it */
export function demandsOf(runs: readonly Run[]): Demands | undefined {
  const judged = runs.filter(isJudged);
  const known = judged.flatMap(({ predicted }) =>
    predicted?.atPhaseZero ? [{ backup: predicted.backup ?? '', bounds: predicted.atPhaseZero }] : [],
  );
  if (known.length > 0) {
    const byBackup = Map.groupBy(known, ({ backup }) => backup);
    return new Map(
      [...byBackup].map(([backup, each]) => [backup, medianDemand(each.map(({ bounds }) => bounds))]),
    );
  }
  const derived = derivedDemand(judged);
  return derived && new Map([['', derived]]);
}

/** Predictions of two runs that differ by more are not the same, ms. */
const EQUAL_MS = 0.5;

/**
 * The demand of runs that did not keep it (schema 1): it is the same for all of them, either as it is or with
 * the phase added.
 */
function derivedDemand(runs: readonly Run[]): Bounds | undefined {
  const predictions = runs.flatMap(({ predicted, metrics }) =>
    predicted ? [{ ...predicted.outage, phase: metrics.advertPhase ?? 0 }] : [],
  );
  const asTheyAre = predictions.map(({ min, max }) => ({ min, max }));
  const withPhase = predictions.map(({ min, max, phase }) => ({ min: min + phase, max: max + phase }));
  const found = [asTheyAre, withPhase].find(
    (bounds) => bounds.length > 1 && spread(bounds.map(({ min }) => min)) < EQUAL_MS,
  );
  return found && medianDemand(found);
}

function spread(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

/** One demand for several runs; they differ at most by what a model read from the run. */
export function medianDemand(bounds: readonly Bounds[]): Bounds {
  const maxima = bounds.map(({ max }) => max);
  return {
    min: median(bounds.map(({ min }) => min)),
    max: maxima.every(Number.isFinite) ? median(maxima) : Number.POSITIVE_INFINITY,
  };
}
