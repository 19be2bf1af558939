import { once } from 'node:events';
import test from 'ava';
import { startProgram, waitedForStartsNs } from './start-program.ts';

test('how long a process stood still for the start of a program is known, and no more than that', async (t) => {
  const beforeNs = waitedForStartsNs();
  const begunNs = process.hrtime.bigint();
  const child = startProgram('sleep', ['0.2']);
  const startedNs = process.hrtime.bigint() - begunNs;
  await once(child, 'exit');
  const countedNs = waitedForStartsNs() - beforeNs;
  t.true(countedNs > 0n && countedNs <= startedNs, `${countedNs} of ${startedNs}`);
  t.throws(() => startProgram('sleep', ['0'], { cwd: 7 as unknown as string }));
  t.true(waitedForStartsNs() - beforeNs > countedNs);
});
