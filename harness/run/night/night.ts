import type { Entry } from '../../compare/history/entry.ts';
import { type Finding, gate } from '../../compare/history/gate.ts';
import type { Engine } from '../../lab/engine/engine.ts';
import type { Images } from '../../lab/images/images.ts';
import { showProgress } from '../../report/progress-view.ts';
import type { Result } from '../../result/result.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { collectResult } from '../collect.ts';
import { machineOf } from '../machine.ts';
import type { Plan } from '../plan.ts';
import type { QueuedRuns } from '../queue/queued-runs.ts';
import { RunnerFailed, runScenarios } from '../run-scenarios.ts';
import { writeUnfinished } from '../unfinished.ts';
import { nextRuns } from './allocation.ts';
import {
  candidatesOf,
  confirmationMissing,
  durationsOf,
  durationsOn,
  jobsFor,
  nextIndex,
  standingOf,
} from './ledger.ts';
import { type NightState, writeNightState } from './night-state.ts';

/** Share of the budget for the second batches of suspected scenarios. */
const CONFIRMATION_SHARE = 0.2;
/** Runs in a batch, for each lab: few, so that the next batch is chosen with more knowledge. */
const RUNS_PER_PLACE = 2;

/** One broken test process must not end the night; repeated breaks do. */
const BROKEN_BATCHES_MAX = 3;

/** The outcome of a night. */
export interface Night {
  readonly result: Result;
  readonly findings: readonly Finding[];
}

/**
 * Runs a night from where its folder says that it is: batches where uncertainty is largest until the budget is
 * spent, then a second batch of what the gate suspects, then the gate's verdicts.
 *
 * @param request.history of earlier nights, oldest first
 * @throws RunnerFailed, UnreadableResult
 * @throws AbortError when the signal fires; the night can be resumed
 */
export async function runNight(request: {
  readonly engine: Engine;
  readonly images: Images;
  readonly scenarios: readonly Scenario[];
  readonly folder: string;
  readonly state: NightState;
  /** Labs at once, or runs in the queue at once. */
  readonly parallel: () => number;
  /** Performs the runs in the place of this machine. */
  readonly queued?: QueuedRuns | undefined;
  /** Fewer labs on a busy machine, more on an idle one, up to `parallel`. */
  readonly followPressure: boolean;
  readonly history: readonly Entry[];
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}): Promise<Night> {
  const { engine, images, scenarios, folder, queued, history, say, signal } = request;
  let { state } = request;
  const { id, command, seed, set, reuse, minimumEffectMs } = state;
  const durations = durationsOf(history);
  const expectedMs = durationsOn(queued?.machines[0] ?? (await machineOf(engine)), history);
  let brokenBatches = 0;
  const openedMs = performance.now();
  const spentMs = () => request.state.spentMs + performance.now() - openedMs;
  const keep = (changes: Partial<NightState>) => {
    state = { ...state, ...changes, ...(queued && { machines: [...queued.machines] }), spentMs: spentMs() };
    return writeNightState(folder, state);
  };
  const collected = () =>
    collectResult({
      engine,
      images,
      scenarios,
      folder,
      id,
      command,
      seed,
      set,
      startedAt: new Date(state.startedAt),
      machines: queued?.machines,
    });
  const judged = ({ scenarios: results, environment }: Result) =>
    gate(candidatesOf(results, history, state, environment.fingerprint), environment.fingerprint, state);
  const batch = async (jobs: Plan['jobs']) => {
    const chosen = scenarios.filter(({ name }) => jobs[name]?.length);
    const runs = Object.values(jobs).reduce((sum, list) => sum + list.length, 0);
    say(`${minutes(spentMs())} of ${minutes(state.budgetMs)}: ${runs} runs of ${chosen.length} scenarios`);
    using progress = showProgress(process.stderr, runs, expectedMs);
    const plan = { folder, images, jobs, seed, set, keep: false, reuse };
    const running = runScenarios({
      engine,
      scenarios: chosen,
      plan,
      parallel: request.parallel(),
      hire: queued && (() => queued.hire(plan)),
      machines: queued?.machines,
      id,
      command,
      onPlaces: request.followPressure ? (sentence) => progress.note(sentence) : undefined,
      tapFile: `batch-${Date.now()}.tap`,
      progress,
      signal,
    });
    try {
      await running;
    } catch (error) {
      // Its finished runs are on disk; the next batch does the rest.
      if (!(error instanceof RunnerFailed) || ++brokenBatches > BROKEN_BATCHES_MAX) throw error;
      say(`  ${error.message}`);
    }
    await keep({});
  };

  // A second batch that has begun says that the first ones are over.
  while (Object.keys(state.confirmation).length === 0) {
    const soFar = await collected();
    await writeUnfinished(folder, soFar);
    const { scenarios: results } = soFar;
    const runs = nextRuns(
      results.map((scenario) => standingOf(scenario, durations)),
      {
        places: request.parallel() * RUNS_PER_PLACE,
        leftMs: state.budgetMs * (1 - CONFIRMATION_SHARE) - spentMs(),
        minimumEffectMs,
      },
    );
    if (Object.keys(runs).length === 0) break;
    await batch(jobsFor(runs, results, seed));
  }
  const first = await collected();
  const suspected = judged(first).filter(({ software }) => software === 'suspected');
  const begun = first.scenarios
    .filter(({ name }) => suspected.some(({ scenario }) => scenario === name))
    .filter(({ name }) => state.confirmation[name] === undefined)
    .map((scenario) => [scenario.name, nextIndex(scenario)] as const);
  if (begun.length > 0) {
    say(`slower than the baseline, so run again: ${begun.map(([name]) => name).join(', ')}`);
    await keep({ confirmation: { ...state.confirmation, ...Object.fromEntries(begun) } });
  }
  const missing = confirmationMissing(first.scenarios, state);
  if (Object.keys(missing).length > 0) await batch(jobsFor(missing, first.scenarios, seed));
  const result = await collected();
  return {
    result: { ...result, durationMs: spentMs(), ...(state.shard && { shard: state.shard }) },
    findings: judged(result),
  };
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`;
}
