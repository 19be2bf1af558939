import type { Engine } from '../../../lab/engine/engine.ts';
import { showWatch } from '../../../report/watch-view.ts';
import type { Result, ScenarioResult } from '../../../result/result.ts';
import { collectResult } from '../../../run/collect.ts';
import type { Plan } from '../../../run/plan.ts';
import type { QueuedRuns } from '../../../run/queue/queued-runs.ts';
import { runScenarios } from '../../../run/run-scenarios.ts';
import { phaseShareOf } from '../../../scenario/phases.ts';
import type { Scenario } from '../../../scenario/scenario.ts';

/** Runs that AVA is started for, for each lab. */
const RUNS_PER_LAB = 10;

/**
 * Repeats a scenario until the signal fires, with the distribution of its outages on the screen.
 *
 * @returns the result of the runs that have their verdict, and a line about them
 * @throws AbortError where none has
 */
export async function watch(request: {
  readonly engine: Engine;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly parallel: number;
  readonly queued: QueuedRuns | undefined;
  readonly durationsMs: Readonly<Record<string, number>>;
  readonly id: string;
  readonly command: string;
  readonly signal: AbortSignal;
}): Promise<{ readonly result: Result; readonly summary: string }> {
  const { engine, scenario, plan, parallel, queued, id, command, signal } = request;
  const startedAt = new Date();
  const machines = queued?.machines;
  const view = showWatch(process.stderr, scenario.name, request.durationsMs);
  using progress = view.progress;
  const size = parallel * RUNS_PER_LAB;
  for (let first = 1; !signal.aborted; first += size) {
    const numbers = Array.from({ length: size }, (_, n) => first + n);
    const jobs = numbers.map((index) => ({ index, phaseShare: phaseShareOf(index, plan.seed) }));
    const running = runScenarios({
      ...{ engine, parallel, machines, id, command, progress, signal },
      scenarios: [scenario],
      plan: { ...plan, jobs: { [scenario.name]: jobs } },
      hire: queued && (() => queued.hire(plan)),
      tapFile: `batch-${first}.tap`,
    });
    try {
      const { scenarios } = await running;
      // What cannot be run here cannot be watched either.
      if (scenarios[0]?.status === 'skipped') break;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
  const result = await collectResult({
    ...{ ...plan, engine, id, command, machines, startedAt },
    scenarios: [scenario],
  });
  if (result.scenarios.every(({ runs }) => runs.length === 0)) signal.throwIfAborted();
  return {
    result: { ...result, scenarios: result.scenarios.map(byVerdicts) },
    summary: view.summary(),
  };
}

/** What Ctrl-C ended may have been the repetition of a disturbed run: those that have their verdict decide. */
function byVerdicts({ reason, ...scenario }: ScenarioResult): ScenarioResult {
  const isPassed = scenario.status === 'invalid' && scenario.runs.some(({ status }) => status === 'passed');
  return isPassed
    ? { ...scenario, status: 'passed' }
    : { ...scenario, ...(reason !== undefined && { reason }) };
}
