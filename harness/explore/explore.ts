import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { ourContainers } from '../engine/containers.ts';
import type { Engine } from '../engine/engine.ts';
import type { Images } from '../images/images.ts';
import type { Mutation } from '../mutations/mutation.ts';
import { executeRun } from '../scenario/execute.ts';
import { parametersFor } from '../scenario/parameters.ts';
import { ATTEMPTS_MAX } from '../scenario/plan.ts';
import { exploredScenario } from './explored.ts';
import { anyStep, type Step, sensible, spoken } from './steps.ts';

/** A longer story finds no more: what goes wrong does so within a few steps, and shorter ones are told sooner. */
const STEPS_MAX = 6;
/** The fault's instant matters less here than what follows it. */
const PHASE_SHARE = 0.5;

/** What exploration came to. */
export interface Exploration {
  /** Stories that were told, those of shrinking among them. */
  readonly told: number;
  /** Of these, those that the machine disturbed each time: they say nothing. */
  readonly disturbed: number;
  /** The shortest story that breaks an invariant, where one was found. */
  readonly found?: { readonly steps: readonly Step[]; readonly reason: string; readonly afterMs: number };
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
  let reason = '';
  let afterMs: number | undefined;

  const holds = async (steps: readonly Step[]): Promise<boolean> => {
    const taken = sensible(steps).map(({ step }) => step);
    if (taken.length === 0) return true;
    told++;
    const number = told;
    const words = taken.map(spoken).join(', ');
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      signal.throwIfAborted();
      const scenario = exploredScenario(taken);
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
      const ok = run.status === 'passed' && left.length === 0;
      say(`story ${number}: ${words}: ${ok ? 'holds' : `broken: ${run.reason ?? 'containers are left'}`}`);
      if (ok) await rm(place, { recursive: true, force: true });
      else {
        reason = run.reason ?? `${left.length} containers are left.`;
        afterMs ??= performance.now() - startedMs;
      }
      return ok;
    }
    disturbed++;
    say(`story ${number}: ${words}: disturbed by the machine each time`);
    return true;
  };

  const outcome = await fc.check(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: STEPS_MAX }), async (steps) => {
      if (!(await holds(steps))) throw new Error(reason);
    }),
    {
      seed: request.seed,
      numRuns: 1_000_000,
      interruptAfterTimeLimit: request.limitMs,
      markInterruptAsFailure: false,
    },
  );
  signal.throwIfAborted();
  const [steps] = outcome.counterexample ?? [];
  return {
    told,
    disturbed,
    ...(steps &&
      afterMs !== undefined && {
        found: { steps: sensible(steps).map(({ step }) => step), reason, afterMs },
      }),
    durationMs: performance.now() - startedMs,
  };
}
