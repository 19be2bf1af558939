import { summarise } from '../../analysis/statistics/summary.ts';
import { pinnedBaseline, rollingBaseline } from '../../compare/history/baseline.ts';
import { sampleOf, sharperMetric } from '../../compare/history/difference.ts';
import type { Entry } from '../../compare/history/entry.ts';
import type { Candidate } from '../../compare/history/gate.ts';
import { beyondLeast } from '../../result/measured.ts';
import type { RunResult, ScenarioResult } from '../../result/result.ts';
import { phaseShareOf } from '../../scenario/phases.ts';
import type { Machine } from '../machine.ts';
import { ATTEMPTS_MAX, type Job, type Plan } from '../plan.ts';
import type { Standing } from './allocation.ts';
import type { NightState } from './night-state.ts';

/** Runs of a second batch: enough for an interval of 95 %, with some to spare for invalid ones. */
const CONFIRMATION_RUNS = 8;
/** Duration of a run where none is known, ms. */
const TYPICAL_RUN_MS = 20_000;

type Counted = Pick<ScenarioResult, 'name' | 'runs'>;

/** Numbers of settled runs: they have a verdict, or were disturbed as often as is tolerated. */
function settled(runs: readonly Pick<RunResult, 'index' | 'status'>[]): ReadonlySet<number> {
  const disturbed = new Map<number, number>();
  for (const { index, status } of runs) {
    const tries = status === 'invalid' ? 1 : ATTEMPTS_MAX;
    disturbed.set(index, (disturbed.get(index) ?? 0) + tries);
  }
  return new Set([...disturbed].filter(([, tries]) => tries >= ATTEMPTS_MAX).map(([index]) => index));
}

/** The first number that no run of the scenario has had. */
export function nextIndex({ runs }: Counted): number {
  return Math.max(0, ...runs.map(({ index }) => index)) + 1;
}

/**
 * The next `count` runs of each scenario, with the lowest numbers that are not settled: a run that was killed is
 * done under its own number and phase.
 */
export function jobsFor(
  counts: Readonly<Record<string, number>>,
  results: readonly Counted[],
  seed: number,
): Plan['jobs'] {
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => {
      const done = settled(results.find((scenario) => scenario.name === name)?.runs ?? []);
      const jobs: Job[] = [];
      for (let index = 1; jobs.length < count; index++) {
        if (!done.has(index)) jobs.push({ index, phaseShare: phaseShareOf(index, seed) });
      }
      return [name, jobs];
    }),
  );
}

/** How many runs of its second batch each suspected scenario still lacks. */
export function confirmationMissing(
  results: readonly Counted[],
  { confirmation }: Pick<NightState, 'confirmation'>,
): Readonly<Record<string, number>> {
  const missing = Object.entries(confirmation).map(([name, from]) => {
    const done = settled(results.find((scenario) => scenario.name === name)?.runs ?? []);
    return [name, CONFIRMATION_RUNS - [...done].filter((index) => index >= from).length] as const;
  });
  return Object.fromEntries(missing.filter(([, count]) => count > 0));
}

/** Median duration of a run in earlier nights, ms, by scenario. */
export function durationsOf(history: readonly Entry[]): Readonly<Record<string, number>> {
  const known = new Map<string, number[]>();
  for (const { name, runs } of history.flatMap(({ scenarios }) => scenarios)) {
    known.set(name, [...(known.get(name) ?? []), ...runs.map(({ wallMs }) => wallMs)]);
  }
  return Object.fromEntries(
    [...known].flatMap(([name, walls]) => (walls.length > 0 ? [[name, summarise(walls).median]] : [])),
  );
}

/** Likewise of the results that were measured on such a machine. */
export function durationsOn(
  { engine, kernel, cpus }: Machine,
  history: readonly Entry[],
): Readonly<Record<string, number>> {
  return durationsOf(
    history.filter(
      ({ environment }) =>
        environment.engine === engine && environment.kernel === kernel && environment.cpus === cpus,
    ),
  );
}

/** The state of a scenario after its runs so far. */
export function standingOf(
  { name, runs, status }: ScenarioResult,
  durationsMs: Readonly<Record<string, number>>,
): Standing {
  const walls = runs.map(({ wallMs }) => wallMs);
  return {
    name,
    sample: sampleOf(runs, sharperMetric(runs, runs), beyondLeast),
    done: settled(runs).size,
    runMs: walls.length > 0 ? summarise(walls).median : (durationsMs[name] ?? TYPICAL_RUN_MS),
    skipped: status === 'skipped',
  };
}

/** What the gate compares: tonight's first and second batches, and the baseline that the night was given. */
export function candidatesOf(
  results: readonly ScenarioResult[],
  history: readonly Entry[],
  state: Pick<NightState, 'confirmation' | 'baseline' | 'id'>,
  fingerprint: string,
): readonly Candidate[] {
  const earlier = history.filter(({ id }) => id !== state.id);
  const pinned = earlier.find(({ id }) => id === state.baseline);
  return results.map((scenario) => {
    const { name, runs, parameters, configurations } = scenario;
    const from = state.confirmation[name] ?? Number.POSITIVE_INFINITY;
    return {
      name,
      runs: runs.filter(({ index }) => index < from),
      confirmation: runs.filter(({ index }) => index >= from),
      parameters,
      configurations,
      baseline: pinned ? pinnedBaseline(pinned, scenario) : rollingBaseline(earlier, scenario, fingerprint),
    };
  });
}
