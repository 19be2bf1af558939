/** Loaded before each scenario's file in AVA's process: makes one test of each run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { endWithParent } from '../command-line/parent-watch.ts';
import { findEngine } from '../engine/engine.ts';
import type { Lab } from '../lab/lab.ts';
import { mutationNamed } from '../mutations/mutations.ts';
import { executeRun } from './execute.ts';
import { parametersFor } from './parameters.ts';
import { ATTEMPTS_MAX, PLAN_VARIABLE, type TestPlan } from './plan.ts';
import { readVerdict } from './run-folder.ts';
import { onScenario } from './scenario.ts';
import { takeSlot } from './slots.ts';

const RUN_LIMIT_MS = 10 * 60_000;
const WAIT_LIMIT_MS = 24 * 3600_000;

const plan = JSON.parse(process.env[PLAN_VARIABLE] ?? 'null') as TestPlan | null;
if (!plan) throw new Error('Scenarios are run by `npm run scenario -- <name>`.');
endWithParent();
const mutation = mutationNamed(plan.mutation);

onScenario((scenario) => {
  for (const { index, phaseShare } of plan.jobs[scenario.name] ?? []) {
    test(`${scenario.name}: run ${index}`, async (t) => {
      const engine = await findEngine();
      for (let attempt = 1; ; attempt++) {
        const name = attempt === 1 ? `run-${index}` : `run-${index}-again-${attempt - 1}`;
        const folder = join(plan.folder, scenario.name, name);
        // What an invocation that was killed has done is not done again.
        const known = await readVerdict(folder);
        if (known?.status === 'invalid' && attempt < ATTEMPTS_MAX) continue;
        // AVA starts all tests of a file at once, and waiting for a place takes as long as it takes.
        t.timeout(WAIT_LIMIT_MS);
        await using slot = await takeSlot(plan.slots, { scenario: scenario.name, index, attempt });
        t.timeout(plan.keep ? WAIT_LIMIT_MS : RUN_LIMIT_MS);
        const run = await executeRun({
          engine,
          images: plan.images,
          scenario,
          parameters: parametersFor(scenario.parameters, plan.set),
          index,
          phaseShare,
          folder,
          onStage: (stage) => slot.stage(stage),
          ...(mutation && { mutation }),
          ...(plan.keep && { onFailure: keptUp }),
        });
        const again = run.status === 'invalid' && attempt < ATTEMPTS_MAX;
        slot.ended(run, again);
        if (again) continue;
        if (run.status === 'skipped') t.pass(`skipped: ${run.reason}`);
        else t.is(run.status, 'passed', run.reason);
        return;
      }
    });
  }
});

/** Never resolves: Ctrl-C ends the lab with this process. */
function keptUp(lab: Lab): Promise<never> {
  const alive = setInterval(() => {}, 60_000);
  writeFileSync(
    2,
    `\nThe lab ${lab.name} is kept up until Ctrl-C; enter it with: npm run lab -- exec --lab ${lab.name} amphora-1 -- bash\n`,
  );
  return new Promise<never>(() => alive.ref());
}
