/** What the test file of each scenario calls in AVA's process. */
import test from 'ava';
import { endWithParent } from '../lab/engine/parent-watch.ts';
import { readPlan } from './plan.ts';
import { outcomeOf } from './slot.ts';

/** AVA starts all tests of a file at once, and waiting for a place takes as long as it takes. */
const WAIT_LIMIT_MS = 24 * 3600_000;

const plan = readPlan();
endWithParent();

/**
 * Makes one test of each run of a scenario. The scenario itself is loaded by the processes that perform its runs: here
 * that would take longer than all else.
 */
export function runsOf(name: string, file: string): void {
  for (const job of plan.jobs[name] ?? []) {
    test(`${name}: run ${job.index}`, async (t) => {
      t.timeout(WAIT_LIMIT_MS);
      const told = await outcomeOf(plan.slots, { ...job, scenario: name, file });
      // AVA would replace the message of a thrown error.
      if ('failed' in told) t.fail(told.failed);
      else if (told.status === 'skipped') t.pass(`skipped: ${told.reason}`);
      else t.is(told.status, 'passed', told.reason);
    });
  }
}
