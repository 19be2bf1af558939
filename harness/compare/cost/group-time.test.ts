import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { GroupTime, usedBy } from './group-time.ts';

test('what a container used before it booted again counts too', (t) => {
  const time = new GroupTime();
  for (const usedMs of [10, 700, 5, 300, 40, 60]) time.look('cpuacct/c', usedMs);
  t.is(time.totalMs, 700 + 300 + 60);
});

test('what two hierarchies count is counted once', (t) => {
  const time = new GroupTime();
  for (const [path, usedMs] of [
    ['cpuacct/c', 500],
    ['unified/c', 502],
    ['cpuacct/c', 510],
  ] as const)
    time.look(path, usedMs);
  t.is(time.totalMs, 510);
});

test('a group that goes while it is read says nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'group-'));
  t.teardown(() => rm(folder, { recursive: true }));
  // It is there, and cannot be read.
  await mkdir(join(folder, 'cpuacct.usage'));
  t.is(usedBy(folder), undefined);
  await writeFile(join(folder, 'cpu.stat'), 'usage_usec 2500\nuser_usec 2000\n');
  t.is(usedBy(folder), 2.5);
});
