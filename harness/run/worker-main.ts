/** `worker-main.ts`: performs runs of a plan, one after another, as its parent asks. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepCompiled } from '../imports/compiled.ts';
import { type Engine, findEngine } from '../lab/engine/engine.ts';
import type { Lab } from '../lab/lab.ts';
import { mutationNamed } from '../mutations/mutations.ts';
import { endOf } from '../result/progress.ts';
import type { RunResult } from '../result/result.ts';
import { importScenario } from '../scenario/import-scenario.ts';
import { parametersFor } from '../scenario/parameters.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { environmentFailedBy, inWords } from './environment.ts';
import { executeRun, type WholeLab } from './execute.ts';
import { recordLost } from './lost-run.ts';
import type { Plan } from './plan.ts';
import { readVerdict, runFolder } from './run-folder.ts';
import type { Answer, Order, Performed, RunOrder } from './worker.ts';

/** As the user has it: a lab names its engine in DOCKER_HOST, for testcontainers. */
const environment = { ...process.env };
let plan: Plan;
/** The one of the run before. */
let engine: Engine | undefined;
/** Left by the run before. */
let left: WholeLab | undefined;

// A terminal sends Ctrl-C to all of its processes: the one that started this one decides what that means.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// A lab destroys itself when its process has gone; an orderly end of a run that nobody waits for only takes longer.
const end = () => process.kill(process.pid, 'SIGKILL');
process.on('disconnect', end);
// It may have gone while this process loaded.
if (!process.connected) end();
// What starts machines takes longest to load: it is loaded while the process waits for an order.
import('../lab/machine-container.ts');
process.on('message', async (order: Order) => {
  if ('plan' in order) {
    plan = order.plan;
    return;
  }
  if ('run' in order) {
    say(await perform(order));
    // Node does so at an orderly end, and this process is killed; by now it has loaded what a whole run needs.
    keepCompiled();
    return say({ cleared: true });
  }
  await left?.lab[Symbol.asyncDispose]();
  left = undefined;
  say({ released: true });
});

function say(answer: Answer): void {
  // Where nobody listens any more, this process ends anyway.
  process.send?.(answer, () => {});
}

async function perform(order: RunOrder): Promise<Performed> {
  try {
    // What was done before an invocation was killed is not done again.
    const known = await readVerdict(join(plan.folder, runFolder(order.run)));
    if (known) return performed(known);
    let judged: RunResult | undefined;
    const run = await executed(order, (verdict) => {
      judged = verdict;
      say(performed(verdict));
    }).catch((error: unknown) => {
      // The verdict has been given; what the lab leaves goes with this process.
      if (judged) throw error;
      return lostBy(error, order.run);
    });
    return performed(run);
  } catch (error) {
    return { failed: inWords(error) };
  }
}

async function executed(
  { run, phaseShare, file, atMs }: RunOrder,
  onVerdict: (run: RunResult) => void,
): Promise<RunResult> {
  say({ stage: 'building the lab' });
  const mutation = mutationNamed(plan.mutation);
  // The private engine is started again where it ended during the run before.
  const [found, imported] = await Promise.all([findEngine(environment, engine), importScenario(file)]);
  engine = found;
  const scenario = imported.default as Scenario;
  return executeRun({
    engine: found,
    images: plan.images,
    scenario,
    parameters: parametersFor(scenario.parameters, plan.set),
    index: run.index,
    phaseShare,
    folder: join(plan.folder, runFolder(run)),
    left: await revived(),
    onStage: (stage) => say({ stage }),
    onVerdict,
    orderedMs: atMs,
    onWhole: plan.reuse
      ? (whole) => {
          left = whole;
        }
      : undefined,
    ...(mutation && { mutation }),
    ...(plan.anyway && { anyway: true }),
    ...(plan.keep && { onFailure: keptUp }),
  });
}

function performed(run: RunResult): Performed {
  return { outcome: endOf(run), whole: left !== undefined };
}

/** What the run before left, with both amphorae up again; undefined where they do not come up. */
async function revived(): Promise<WholeLab | undefined> {
  const whole = left;
  left = undefined;
  try {
    await whole?.lab.revive();
    return whole;
  } catch (error) {
    process.stderr.write(`${whole?.lab.name}: ${(error as Error).message} The next run gets a new lab.\n`);
    await whole?.lab[Symbol.asyncDispose]();
    return undefined;
  }
}

/**
 * An error of the testbed costs this run only.
 *
 * @throws it, where no other run would fare better
 */
function lostBy(error: unknown, run: RunOrder['run']): Promise<RunResult> {
  if (environmentFailedBy(inWords(error))) throw error;
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return recordLost(plan.folder, run, `The testbed failed, not the system: ${words}`);
}

/** Never resolves: Ctrl-C ends the lab with this process. */
function keptUp(lab: Lab): Promise<never> {
  writeFileSync(
    2,
    `\nThe lab ${lab.name} is kept up until Ctrl-C; enter it with: npm run lab -- exec --lab ${lab.name} amphora-1 -- bash\n`,
  );
  return new Promise<never>(() => {});
}
