import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ourContainers } from '../../lab/engine/containers.ts';
import type { Engine } from '../../lab/engine/engine.ts';
import { LABEL } from '../../lab/engine/labels.ts';
import type { Images } from '../../lab/images/images.ts';
import type { Mutation } from '../../mutations/mutation.ts';
import { codeFile } from '../../project.ts';
import type { RunId } from '../../result/progress.ts';
import { clockMs } from '../../result/timings.ts';
import { environmentFailedBy } from '../environment.ts';
import { ATTEMPTS_MAX, type Plan } from '../plan.ts';
import { Lanes } from '../queue/lanes.ts';
import { labOf, runFolder } from '../run-folder.ts';
import { runLimitMs } from '../run-limit.ts';
import { Worker } from '../worker.ts';
import { exploredScenario } from './explored-scenario.ts';
import { Pace } from './pace.ts';
import { type Found, search, storiesOf, type Verdict } from './search.ts';
import { asCode, type Move } from './steps.ts';

/** The fault's instant matters less here than its consequences. */
const PHASE_SHARE = 0.5;
const STORY = 'story';

/** The outcome of an exploration. */
export interface Exploration {
  /** Stories that were told, those of shrinking among them. */
  readonly told: number;
  /** The stories among them that the machine disturbed each time: they say nothing. */
  readonly disturbed: number;
  /** The shortest story that breaks an invariant, where one was found. */
  readonly found?: Found & { readonly afterMs: number };
  readonly durationMs: number;
}

/**
 * Composes random faults and repairs until an invariant is broken or the time is over, and shrinks what breaks
 * one. Each story has a lab of its own, which must leave nothing behind. Several labs run at once, each in a process
 * of its own.
 *
 * @throws AbortError when the signal fires
 */
export async function explore(request: {
  readonly engine: Engine;
  readonly images: Images;
  readonly limitMs: number;
  readonly seed: number;
  /** Labs at once. */
  readonly parallel: number;
  readonly folder: string;
  readonly mutation?: Mutation;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}): Promise<Exploration> {
  const { engine, images, folder, parallel, mutation, say, signal } = request;
  const startedMs = performance.now();
  const amphorae = images.system.pair === undefined;
  const plan: Plan = {
    ...{ folder, images, jobs: {}, seed: request.seed, set: [], keep: false, reuse: false },
    ...(mutation && { mutation: mutation.name }),
  };
  await mkdir(join(folder, STORY), { recursive: true });
  await using lanes = new Lanes(parallel);
  const stop = () => lanes[Symbol.asyncDispose]();
  signal.addEventListener('abort', stop);
  let told = 0;
  let disturbed = 0;
  let afterMs: number | undefined;
  const pace = new Pace();
  let underWay = 0;
  let isShort = false;

  const perform = async (steps: readonly Move[], run: RunId) => {
    const file = join(folder, STORY, `${run.index}.mjs`);
    await writeFile(file, storyFile(steps, amphorae));
    const limitMs = runLimitMs(exploredScenario(steps, amphorae), []);
    let begunMs: number | undefined;
    const performed = await lanes.perform(
      STORY,
      () => new Worker(plan, () => limitMs),
      { run, phaseShare: PHASE_SHARE, file, atMs: clockMs() },
      () => {
        begunMs ??= performance.now();
      },
      async (outcome) => outcome,
    );
    if (begunMs !== undefined) pace.took(steps.length, performance.now() - begunMs);
    return performed;
  };

  /** Whether a story would end in time: where all labs are in use, it waits for another one first. */
  const fits = (steps: readonly Move[]) => {
    const leftMs = request.limitMs - (performance.now() - startedMs);
    const neededMs = pace.expectedMs(steps.length);
    if (leftMs > neededMs * (underWay < parallel ? 1 : 2)) return true;
    if (leftMs > 0 && !isShort)
      say(`no other story is begun: one may take ${inS(neededMs)}, and ${inS(leftMs)} are left`);
    isShort = true;
    return false;
  };

  const tell = (steps: readonly Move[]): Promise<Verdict> => {
    underWay++;
    return tellOnce(steps).finally(() => underWay--);
  };

  const tellOnce = async (steps: readonly Move[]): Promise<Verdict> => {
    told++;
    const index = told;
    const words = steps.map(asCode).join(', ');
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      signal.throwIfAborted();
      const run = { scenario: STORY, index, attempt };
      const performed = await perform(steps, run);
      signal.throwIfAborted();
      if ('failed' in performed) throw environmentFailedBy(performed.failed) ?? new Error(performed.failed);
      const { status, reason } = performed.outcome;
      if (status === 'invalid') {
        if (fits(steps)) continue;
        break;
      }
      const place = join(folder, runFolder(run));
      const left = await leftOf(engine, await labOf(place));
      const broken =
        status !== 'passed' ? (reason ?? status) : left > 0 ? `${left} containers are left.` : undefined;
      say(`story ${index}: ${words}: ${broken === undefined ? 'holds' : `broken: ${broken}`}`);
      if (broken !== undefined) return { broken };
      await rm(place, { recursive: true, force: true });
      await rm(join(folder, STORY, `${index}.mjs`));
      return {};
    }
    disturbed++;
    say(`story ${index}: ${words}: disturbed by the machine`);
    return {};
  };

  const found = await search(
    storiesOf(request.seed),
    tell,
    fits,
    () => {
      afterMs = performance.now() - startedMs;
    },
    // A lab that is through with its story has another one, also while the first of them goes on.
    Math.ceil(1.5 * parallel),
  );
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  return {
    told,
    disturbed,
    ...(found && afterMs !== undefined && { found: { ...found, afterMs } }),
    durationMs: performance.now() - startedMs,
  };
}

function inS(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

/** A story as a file, for the process that performs it. */
function storyFile(steps: readonly Move[], amphorae: boolean): string {
  const module = pathToFileURL(codeFile('harness/run/explore/explored-scenario')).href;
  return `import { exploredScenario } from ${JSON.stringify(module)};

export default exploredScenario(${JSON.stringify(steps)}, ${amphorae});
`;
}

/** How many containers of a lab are still there. */
async function leftOf(engine: Engine, lab: string | undefined): Promise<number> {
  const containers = await ourContainers(engine);
  return containers.filter(({ Labels }) => Labels[LABEL.lab] === lab).length;
}
