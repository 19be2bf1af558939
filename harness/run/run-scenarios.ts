import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../lab/engine/engine.ts';
import type { Progress } from '../result/progress.ts';
import type { Result } from '../result/result.ts';
import { clockMs, processStartMs, timingsBetween } from '../result/timings.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { collectResult } from './collect.ts';
import { environmentFailedBy } from './environment.ts';
import type { Machine } from './machine.ts';
import { PLAN_VARIABLE, type Plan, type TestPlan } from './plan.ts';
import { firstPlaces, followPressure } from './pressure.ts';
import { runLimitMs } from './run-limit.ts';
import { Slots } from './slots.ts';
import { runAva } from './tap/ava.ts';
import { testFolder } from './tap/test-folder.ts';
import { type Performer, Worker } from './worker.ts';

/** How often AVA's process may end without a new verdict. */
const FRUITLESS_MAX = 3;

/** AVA ended without a verdict on what it was given; the message holds what it said. */
export class RunnerFailed extends Error {
  override readonly name = 'RunnerFailed';
}

/**
 * Runs scenarios as AVA test files, reads their TAP, and puts the runs' results together. AVA asks for each run's
 * outcome; a process for each lab performs the runs, and one that dies costs the run that it was at: that is repeated.
 *
 * @throws EnvironmentFailed when they cannot be run here
 * @throws RunnerFailed when the TAP does not account for every run
 * @throws AbortError when the signal fires; the labs destroy themselves then
 */
export async function runScenarios(request: {
  readonly engine: Engine;
  readonly scenarios: readonly Scenario[];
  readonly plan: Plan;
  /** Labs at once, over all scenarios and runs; at most, where they follow the machine's pressure. */
  readonly parallel: number;
  /** Starts what performs runs, one at a time each; by default a process of this machine. */
  readonly hire?: (() => Performer) | undefined;
  readonly machines?: readonly Machine[] | undefined;
  /** Fewer labs on a busy machine: told in a sentence each time. */
  readonly onPlaces?: ((sentence: string) => void) | undefined;
  readonly id: string;
  readonly command: string;
  /** In the plan's folder. */
  readonly tapFile?: string;
  readonly progress: Pick<Progress, 'stage' | 'ended'>;
  readonly signal: AbortSignal;
}): Promise<Result> {
  const { scenarios, plan, progress, signal } = request;
  await mkdir(plan.folder, { recursive: true });
  const startedAt = new Date();
  const { onPlaces } = request;
  const limitMs = (name: string) => {
    const scenario = scenarios.find((each) => each.name === name);
    return scenario && !plan.keep ? runLimitMs(scenario, plan.set) : undefined;
  };
  const places = onPlaces ? firstPlaces(request.parallel) : request.parallel;
  const beganMs = clockMs();
  let toldMs = beganMs;
  await using slots = await Slots.open(places, request.hire ?? (() => new Worker(plan, limitMs)), {
    stage: (run, stage) => progress.stage(run, stage),
    ended(run, outcome, again) {
      toldMs = clockMs();
      progress.ended(run, outcome, again);
    },
  });
  using _governed = onPlaces && followPressure(slots, request.parallel, onPlaces);
  // AVA takes its time to start, and asks for what is under way by then.
  slots.begin(
    scenarios.flatMap(({ name, file }) =>
      file === undefined ? [] : (plan.jobs[name] ?? []).map((job) => ({ ...job, scenario: name, file })),
    ),
  );
  await using tests = await testFolder(scenarios);
  const testPlan: TestPlan = { ...plan, slots: slots.address };
  let [known, fruitless] = [0, 0];
  for (;;) {
    const tap = await runAva({
      args: [`--concurrency=${Math.min(request.parallel, scenarios.length)}`],
      folder: tests.path,
      env: { [PLAN_VARIABLE]: JSON.stringify(testPlan) },
      tapFile: join(plan.folder, request.tapFile ?? 'scenario.tap'),
      showErrors: plan.keep,
      signal,
    });
    const { message, at } = failureOf(tap.results);
    const environment = environmentFailedBy(message);
    if (environment) throw environment;
    const expected = scenarios.reduce((sum, { name }) => sum + (plan.jobs[name]?.length ?? 0), 0);
    const accounted = tap.results.count === expected && tap.green === tap.results.ok;
    const complaint = (tap.complaint || `${message} ${at}`).trim() || 'it said nothing';
    const result = await collectResult({ ...request, ...plan, startedAt });
    // AVA counts what it cannot place as a test as well; so each run must have left its own verdict.
    const recorded = result.scenarios.every(({ name, runs }) =>
      (plan.jobs[name] ?? []).every((job) => runs.some(({ index }) => index === job.index)),
    );
    if (accounted && recorded) {
      const avaMs = clockMs();
      await Promise.race([slots.idle(), once(signal, 'abort')]);
      const ends = { ava: avaMs, tearDown: clockMs() };
      return {
        ...result,
        timings: [{ part: 'command', ms: beganMs - processStartMs() }, ...timingsBetween(toldMs, ends)],
      };
    }
    // AVA's process that died is started again: the runs go on meanwhile, and what has its outcome is not done again.
    const verdicts = result.scenarios.reduce((sum, { runs }) => sum + runs.length, 0);
    fruitless = verdicts === known ? fruitless + 1 : 0;
    if (fruitless === FRUITLESS_MAX) {
      throw new RunnerFailed(
        accounted
          ? `A run left no verdict: ${message}`
          : `AVA accounted for ${tap.results.count} of ${expected} runs (exit code ${tap.exitCode}): ${complaint}`,
      );
    }
    known = verdicts;
  }
}

/** What the first test that failed said, and where. */
function failureOf({ failures }: Awaited<ReturnType<typeof runAva>>['results']) {
  const { message, at = '' } = (failures[0]?.diag ?? {}) as { message?: string; at?: string };
  return { message: message ?? failures[0]?.name ?? '', at };
}
