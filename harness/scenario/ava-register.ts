/** Loaded before each scenario's file in AVA's process: makes one test of each run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { endWithParent } from '../command-line/parent-watch.ts';
import { findEngine } from '../engine/engine.ts';
import type { Lab } from '../lab/lab.ts';
import { mutationNamed } from '../mutations/mutations.ts';
import type { RunId } from '../report/progress.ts';
import type { RunResult } from '../report/result.ts';
import { environmentFailedBy, inWords } from './environment.ts';
import { executeRun } from './execute.ts';
import { lostRun } from './lost-run.ts';
import { parametersFor, settingsOf } from './parameters.ts';
import { Places } from './places.ts';
import { ATTEMPTS_MAX, type Job, PLAN_VARIABLE, type TestPlan } from './plan.ts';
import { readVerdict, runFolder, writeVerdict } from './run-folder.ts';
import { onScenario, type Scenario } from './scenario.ts';
import { storyLimitMs } from './telling.ts';

/** Of a run, over what its story takes. */
const RUN_LIMIT_MS = 8 * 60_000;
const WAIT_LIMIT_MS = 24 * 3600_000;

/** As the user has it: a lab names its engine in DOCKER_HOST, for testcontainers. */
const environment = { ...process.env };
const plan = readPlan();
endWithParent();
const mutation = mutationNamed(plan.mutation);

onScenario((scenario) => {
  const places = new Places(plan.slots);
  for (const job of plan.jobs[scenario.name] ?? []) {
    test(`${scenario.name}: run ${job.index}`, async (t) => {
      let run: RunResult;
      try {
        run = await validRun(scenario, job, places, (limitMs) => t.timeout(limitMs));
      } catch (error) {
        // AVA would put its own words in place of a thrown error's, and dies of one without a stack.
        t.fail(inWords(error));
        return;
      }
      if (run.status === 'skipped') t.pass(`skipped: ${run.reason}`);
      else t.is(run.status, 'passed', run.reason);
    });
  }
});

function readPlan(): TestPlan {
  const given = process.env[PLAN_VARIABLE];
  if (!given) throw new Error('Scenarios are run by `npm run scenario -- <name>`.');
  return JSON.parse(given) as TestPlan;
}

/** Runs a scenario until the machine did not disturb it, {@link ATTEMPTS_MAX} times at the most. */
async function validRun(
  scenario: Scenario,
  { index, phaseShare }: Job,
  places: Places,
  timeout: (limitMs: number) => void,
): Promise<RunResult> {
  const parameters = parametersFor(scenario.parameters, plan.set);
  for (let attempt = 1; ; attempt++) {
    const id: RunId = { scenario: scenario.name, index, attempt };
    const folder = join(plan.folder, runFolder(id));
    const isLast = attempt === ATTEMPTS_MAX;
    // What was done before this process, or the one before it, was killed is not done again.
    const known = await readVerdict(folder);
    if (known?.status === 'invalid' && !isLast) continue;
    if (known) return known;
    // AVA starts all tests of a file at once, and waiting for a place takes as long as it takes.
    timeout(WAIT_LIMIT_MS);
    const place = await places.take(id);
    let whole: Lab | undefined;
    timeout(plan.keep ? WAIT_LIMIT_MS : RUN_LIMIT_MS + storyLimitMs(scenario, settingsOf(parameters)));
    let run: RunResult;
    try {
      run = await executeRun({
        // Our own one is started again where it went away in the attempt before.
        engine: await findEngine(environment),
        images: plan.images,
        scenario,
        parameters,
        index,
        phaseShare,
        folder,
        lab: place.lab,
        onStage: (stage) => place.slot.stage(stage),
        onWhole: plan.reuse ? (lab) => (whole = lab) : undefined,
        ...(mutation && { mutation }),
        ...(plan.keep && { onFailure: keptUp }),
      }).catch((error: unknown) => lostBy(error, index, folder));
      place.slot.ended(run, run.status === 'invalid' && !isLast);
    } finally {
      await places.leave(place, whole);
    }
    if (run.status !== 'invalid' || isLast) return run;
  }
}

/**
 * An error of ours costs the run, and nothing else.
 *
 * @throws it, where no other run would fare better
 */
async function lostBy(error: unknown, index: number, folder: string): Promise<RunResult> {
  if (environmentFailedBy(inWords(error))) throw error;
  const known = await readVerdict(folder);
  if (known) return known;
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const run = lostRun(index, `The testbed failed, not the system: ${words}`);
  await writeVerdict(folder, run);
  return run;
}

/** Never resolves: Ctrl-C ends the lab with this process. */
function keptUp(lab: Lab): Promise<never> {
  const alive = setInterval(() => {}, 60_000);
  writeFileSync(
    2,
    `\nThe lab ${lab.name} is kept up until Ctrl-C; enter it with: npm run lab -- exec --lab ${lab.name} amphora-1 -- bash\n`,
  );
  return new Promise<never>(() => alive.ref());
}
