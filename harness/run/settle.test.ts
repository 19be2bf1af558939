import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { at, FAULT_AT_MS, request } from '../observations/history.fixture.ts';
import { ObservationLog } from '../observations/observation-log.ts';
import { requestsToSettle } from '../scenario/world/probes.ts';
import { settle } from './settle.ts';

test('a run is not over while a held connection that was cut is without service', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-settle-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await using log = new ObservationLog(join(folder, 'observations.jsonl'));
  const nowMs = Date.now() - FAULT_AT_MS;
  const held = (change: 'cut' | 'retried', ms: number) =>
    log.append({ kind: 'connection', atNs: at(nowMs + ms), connection: 1, change, detail: '' });
  const probe = { intervalMs: 20, timeoutMs: 100 };
  const served = (sequence: number) =>
    log.append(request(sequence, nowMs + 1000 + sequence * probe.intervalMs, { by: '172.16.1.3' }));
  const checks: Parameters<typeof settle>[0]['checks'] = [];
  let isOver = false;
  held('cut', 1);
  const settled = settle({ log, checks, packetsRead: async () => {} }, probe, undefined).then(() => {
    isOver = true;
  });
  for (let sequence = 0; sequence < 100; sequence++) served(sequence);
  await setImmediate();
  t.false(isOver);
  t.deepEqual(
    checks.map(({ status }) => status),
    ['passed'],
  );
  held('retried', 3500);
  served(100);
  await settled;
});

test('packets are read until the last request that counts, not until it is known', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-settle-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await using log = new ObservationLog(join(folder, 'observations.jsonl'));
  const probe = { intervalMs: 20, timeoutMs: 20 };
  const { promise: asked, resolve } = Promise.withResolvers<bigint | undefined>();
  const packetsRead = async (untilNs?: bigint) => resolve(untilNs);
  const settled = settle({ log, checks: [], packetsRead }, probe, undefined);
  const sent = Array.from({ length: requestsToSettle(probe) }, (_, sequence) =>
    request(sequence, Date.now() - FAULT_AT_MS + 1000 + sequence * probe.intervalMs, { by: '172.16.1.3' }),
  );
  for (const each of sent) log.append(each);
  t.is(await asked, BigInt(sent.at(-1)?.endNs ?? 0));
  await settled;
});
