import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { every } from './beat.ts';

test('looks have the same instants, whenever they were begun', async (t) => {
  const due: Record<'ten' | 'other' | 'thirty', bigint[]> = { ten: [], other: [], thirty: [] };
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const looks = [
    every(10, (dueNs) => {
      t.true(process.hrtime.bigint() >= dueNs);
      due.ten.push(dueNs);
    }),
    every(10, (dueNs) => due.other.push(dueNs)),
    every(30, (dueNs) => {
      due.thirty.push(dueNs);
      if (due.thirty.length === 4) resolve();
    }),
  ];
  await enough;
  for (const look of looks) look[Symbol.dispose]();
  // What was begun first has an earlier first instant where the other was not begun by then.
  const [, ...others] = due.other;
  t.deepEqual(due.ten.slice(-others.length), others);
  const [first = 0n] = due.ten;
  for (const dueNs of [...due.ten, ...due.thirty]) t.is((dueNs - first) % 10_000_000n, 0n);
});

test('a look that comes late is made once, and others are made at their time again', async (t) => {
  const due: bigint[] = [];
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  using _looks = every(10, (dueNs) => {
    due.push(dueNs);
    if (due.length === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 55);
    if (due.length === 4) resolve();
  });
  await enough;
  const [first = 0n, second = 0n] = due;
  t.true(second - first >= 50_000_000n, String(second - first));
  t.is(new Set(due).size, due.length);
});

test('what is to be first goes out before the others look', async (t) => {
  const order: string[] = [];
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  using _other = every(20, () => {
    order.push('other');
    resolve();
  });
  using _first = every(20, () => void process.nextTick(() => order.push('sent')), true);
  await enough;
  t.deepEqual(order, ['sent', 'other']);
});

test('a program whose looks are all over ends', (t) => {
  const beat = join(import.meta.dirname, 'beat.ts');
  const program = `import { every } from ${JSON.stringify(beat)};
    const look = every(5, () => look[Symbol.dispose]());`;
  const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 20_000,
  });
  t.deepEqual([status, signal], [0, null]);
});

test('looks that begin anew come at other instants: the runs of one lab are not all alike', (t) => {
  const beat = join(import.meta.dirname, 'beat.ts');
  const program = `import { every } from ${JSON.stringify(beat)};
    const phases = new Set();
    for (let n = 0; n < 20; n++) {
      const { promise, resolve } = Promise.withResolvers();
      using _look = every(10, resolve);
      phases.add((await promise) % 10_000_000n);
    }
    console.log(phases.size);`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 20_000,
    encoding: 'utf8',
  });
  t.true(Number(stdout) > 1, stdout);
});
