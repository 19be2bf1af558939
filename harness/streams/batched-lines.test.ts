import { Writable } from 'node:stream';
import test from 'ava';
import { writeGathered } from './batched-lines.ts';

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

test('lines of one moment go together, and all outputs are written at the same moment', async (t) => {
  const noted: string[] = [];
  const { promise: both, resolve } = Promise.withResolvers<void>();
  const done = (count: number) => count === 2 && resolve();
  const [first, second] = [noting('first', noted, done), noting('second', noted, done)];
  writeGathered(first, 'a');
  writeGathered(second, 'b');
  writeGathered(first, 'c');
  t.deepEqual(noted, []);
  await both;
  t.deepEqual(noted, ['first: a c', 'second: b']);
});

test('lines that wait are written when their output ends', async (t) => {
  const noted: string[] = [];
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const output = noting('file', noted, () => resolve());
  writeGathered(output, 'a');
  writeGathered(output, 'b');
  output.end();
  await over;
  t.deepEqual(noted, ['file: a b']);
});
