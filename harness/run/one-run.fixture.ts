import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { findEngine } from '../lab/engine/engine.ts';
import { imagesFor } from '../lab/images/system-images.ts';
import type { RunResult } from '../result/result.ts';
import { parametersFor } from '../scenario/parameters.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { OWN_SYSTEM, type System } from '../system/system.ts';
import { executeRun } from './execute.ts';
import { ATTEMPTS_MAX } from './plan.ts';

/** A run and its folder, which is removed when this is disposed of. */
export interface OneRun extends AsyncDisposable {
  readonly run: RunResult;
  readonly folder: string;
}

/** Runs a scenario once, with Octavia's values, the faults in the middle between two advertisements. */
export async function oneRun(scenario: Scenario, system: System = OWN_SYSTEM): Promise<OneRun> {
  const engine = await findEngine();
  const images = await imagesFor(engine, system, () => {});
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-one-run-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const parameters = parametersFor({}, []);
    const run = await executeRun({ engine, images, scenario, parameters, index: 1, phaseShare: 0.5, folder });
    return { run, folder, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * As {@link oneRun}, for what is to be said of the system: a run that the machine disturbed says nothing of it, and is
 * repeated as the catalogue repeats it. Each such run is named in the test's log.
 */
export async function validRun(
  t: ExecutionContext,
  scenario: Scenario,
  system: System = OWN_SYSTEM,
): Promise<OneRun> {
  for (let attempt = 1; ; attempt += 1) {
    const seen = await oneRun(scenario, system);
    if (seen.run.status !== 'invalid' || attempt === ATTEMPTS_MAX) return seen;
    t.log(`invalid, repeated: ${seen.run.reason}`);
    await seen[Symbol.asyncDispose]();
  }
}
