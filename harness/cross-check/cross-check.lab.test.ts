import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import masterKill from '../../scenarios/master-kill.ts';
import { findEngine } from '../engine/engine.ts';
import { requireImages } from '../images/images.ts';
import { crossCheck } from './cross-check.ts';

test('httperf and fping see the outage of a power loss as the testbed tells it', async (t) => {
  t.timeout(120_000);
  const engine = await findEngine();
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-cross-check-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const { run, agreements } = await crossCheck({
    ...{ engine, images: await requireImages(engine), scenario: masterKill },
    ...{ index: 1, phaseShare: 0.5, folder },
  });
  t.not(run.status, 'invalid', run.reason);
  t.deepEqual(
    agreements.map(({ client, metric }) => [client, metric]),
    [
      ['httperf', 'outage'],
      ['fping', 'packetOutage'],
    ],
  );
  for (const { client, clientMs, outageMs, agrees } of agreements) {
    t.log(`${client}: ${clientMs.toFixed(1)} ms, ours ${outageMs.toFixed(1)} ms`);
    t.true(outageMs > 2000 && agrees, `${client}: ${clientMs} ms, ours ${outageMs} ms`);
  }
});
