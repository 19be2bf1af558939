import test from 'ava';
import bothLosePower from '../../scenarios/both-lose-power.ts';
import { judge } from '../analysis/verdict/judge.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { validRun } from './one-run.fixture.ts';
import { readStoredRun } from './run-folder.ts';

/** The outage begins with the first fault, and nothing before it could claim a part. */
const MASTER_FIRST: Scenario = {
  ...bothLosePower,
  judgedBy: 'first',
  async run({ master, backup, fault, expect }) {
    const first = await fault.powerOff(master);
    await fault.powerOff(backup);
    await expect.unserved(first, { seconds: 4 });
  },
};

test('a pair of which nothing is left has an outage that is not over: as wished, or failed', async (t) => {
  t.timeout(120_000);
  await using seen = await validRun(t, MASTER_FIRST);
  const { run, folder } = seen;
  t.is(run.status, 'passed', run.reason);
  t.is(run.over, false);
  t.true((run.metrics.outage ?? 0) >= 3900, `${run.metrics.outage}`);
  t.true((run.metrics.packetOutage ?? 0) >= 3900, `${run.metrics.packetOutage}`);
  const { ends: _, ...unwished } = MASTER_FIRST;
  const failed = judge(await readStoredRun(folder), unwished);
  t.is(failed.status, 'failed');
  t.regex(failed.reason ?? '', /the service did not return: at least \d{4} ms without it, not over/);
});
