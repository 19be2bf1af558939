import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import bothLosePower from '../../scenarios/both-lose-power.ts';
import { judge } from '../analysis/verdict/judge.ts';
import { findEngine } from '../lab/engine/engine.ts';
import { requireImages } from '../lab/images/images.ts';
import { parametersFor } from '../scenario/parameters.ts';
import { executeRun } from './execute.ts';
import { readStoredRun } from './run-folder.ts';

test('a pair of which nothing is left has an outage that is not over: as wished, or failed', async (t) => {
  t.timeout(120_000);
  const engine = await findEngine();
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-unserved-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const run = await executeRun({
    ...{ engine, images: await requireImages(engine), scenario: bothLosePower },
    ...{ parameters: parametersFor({}, []), index: 1, phaseShare: 0.5, folder },
  });
  t.is(run.status, 'passed', run.reason);
  t.is(run.over, false);
  t.true((run.metrics.outage ?? 0) >= 3900, `${run.metrics.outage}`);
  t.true((run.metrics.packetOutage ?? 0) >= 3900, `${run.metrics.packetOutage}`);
  const { ends: _, ...unwished } = bothLosePower;
  const failed = judge(await readStoredRun(folder), unwished);
  t.is(failed.status, 'failed');
  t.regex(failed.reason ?? '', /the service did not return: at least \d{4} ms without it, not over/);
});
