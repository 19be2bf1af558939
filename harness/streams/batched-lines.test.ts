import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { LATER_MS, writeGathered } from './batched-lines.ts';

/** Notes whose turn it was, with all that came in one piece. */
function noting(name: string, noted: string[], done: (count: number) => void): Writable {
  return new Writable({
    decodeStrings: false,
    writev(pieces, written) {
      noted.push(`${name}: ${pieces.map(({ chunk }) => String(chunk).trim()).join(' ')}`);
      done(noted.length);
      written();
    },
  });
}

/** Two outputs, and when each was written to. */
function twoOutputs() {
  const noted: string[] = [];
  const { promise: both, resolve } = Promise.withResolvers<void>();
  const done = (count: number) => count === 2 && resolve();
  const [first, second] = [noting('first', noted, done), noting('second', noted, done)];
  return { first, second, noted, both };
}

test.serial('lines of one moment go together, and all outputs are written at the same moment', async (t) => {
  const { first, second, noted, both } = twoOutputs();
  writeGathered(first, 'a');
  writeGathered(second, 'b');
  writeGathered(first, 'c');
  t.deepEqual(noted, []);
  await both;
  t.deepEqual(noted, ['first: a c', 'second: b']);
});

test.serial('a line that can wait goes with the next one that cannot', async (t) => {
  const { first, second, noted, both } = twoOutputs();
  const later = delay(LATER_MS, 'later');
  writeGathered(first, 'a', LATER_MS);
  writeGathered(second, 'b');
  t.not(await Promise.race([both, later]), 'later');
  t.deepEqual(noted, ['first: a', 'second: b']);
});

test.serial('lines that can wait go together', async (t) => {
  const noted: string[] = [];
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const output = noting('file', noted, () => resolve());
  writeGathered(output, 'a', LATER_MS);
  await delay(LATER_MS / 2);
  writeGathered(output, 'b', LATER_MS);
  await over;
  t.deepEqual(noted, ['file: a b']);
});

test.serial('lines that wait are written when their output ends', async (t) => {
  const noted: string[] = [];
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const output = noting('file', noted, () => resolve());
  writeGathered(output, 'a');
  writeGathered(output, 'b');
  output.end();
  await over;
  t.deepEqual(noted, ['file: a b']);
});
