import { join } from 'node:path';
import type { Result } from '../result/result.ts';
import { writeWhole } from '../result/write-whole.ts';

/** The reason for a scenario without any verdict: it must not look as if it had passed. */
export const NO_VERDICT = 'The invocation ended before a run of it had its verdict.';

/**
 * Writes what is known of an invocation that goes on: whatever ends it, `report` then finds the runs that have their
 * verdict by that time.
 */
export async function writeUnfinished(folder: string, soFar: Result): Promise<void> {
  const scenarios = soFar.scenarios.map((scenario) =>
    scenario.runs.length > 0 ? scenario : { ...scenario, status: 'invalid' as const, reason: NO_VERDICT },
  );
  await writeWhole(join(folder, 'result.json'), `${JSON.stringify({ ...soFar, scenarios }, undefined, 2)}\n`);
}
