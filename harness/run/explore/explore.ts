import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ourContainers } from '../../lab/engine/containers.ts';
import type { Engine } from '../../lab/engine/engine.ts';
import type { Images } from '../../lab/images/images.ts';
import type { Mutation } from '../../mutations/mutation.ts';
import { parametersFor } from '../../scenario/parameters.ts';
import { executeRun } from '../execute.ts';
import { ATTEMPTS_MAX } from '../plan.ts';
import { exploredScenario } from './explored-scenario.ts';
import { type Found, search, storiesOf, type Verdict } from './search.ts';
import { asCode, type Move } from './steps.ts';

/** The fault's instant matters less here than its consequences. */
const PHASE_SHARE = 0.5;

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
 * one. Each story has a lab of its own, which must leave nothing behind.
 *
 * @throws AbortError when the signal fires
 */
export async function explore(request: {
  readonly engine: Engine;
  readonly images: Images;
  readonly limitMs: number;
  readonly seed: number;
  readonly folder: string;
  readonly mutation?: Mutation;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}): Promise<Exploration> {
  const { engine, folder, say, signal } = request;
  const startedMs = performance.now();
  const before = new Set((await ourContainers(engine)).map(({ Id }) => Id));
  let told = 0;
  let disturbed = 0;
  let afterMs: number | undefined;

  const tell = async (steps: readonly Move[]): Promise<Verdict> => {
    told++;
    const number = told;
    const words = steps.map(asCode).join(', ');
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      signal.throwIfAborted();
      const scenario = exploredScenario(steps, request.images.system.pair === undefined);
      const place = join(folder, `story-${number}${attempt > 1 ? `-again-${attempt - 1}` : ''}`);
      const run = await executeRun({
        ...request,
        scenario,
        parameters: parametersFor(scenario.parameters, []),
        index: number,
        phaseShare: PHASE_SHARE,
        folder: place,
      });
      if (run.status === 'invalid') continue;
      const left = (await ourContainers(engine)).filter(({ Id }) => !before.has(Id));
      const broken =
        run.status !== 'passed'
          ? (run.reason ?? run.status)
          : left.length > 0
            ? `${left.length} containers are left.`
            : undefined;
      say(`story ${number}: ${words}: ${broken === undefined ? 'holds' : `broken: ${broken}`}`);
      if (broken !== undefined) return { broken };
      await rm(place, { recursive: true, force: true });
      return {};
    }
    disturbed++;
    say(`story ${number}: ${words}: disturbed by the machine each time`);
    return {};
  };

  const found = await search(
    storiesOf(request.seed),
    tell,
    () => performance.now() - startedMs > request.limitMs,
    () => {
      afterMs = performance.now() - startedMs;
    },
  );
  signal.throwIfAborted();
  return {
    told,
    disturbed,
    ...(found && afterMs !== undefined && { found: { ...found, afterMs } }),
    durationMs: performance.now() - startedMs,
  };
}
