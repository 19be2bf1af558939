import test from 'ava';
import fc from 'fast-check';
import { UsageError } from '../../usage-error.ts';
import { parseShard, shardOf } from './shard.ts';

test('every scenario is in exactly one shard, whatever the order of names', (t) => {
  const durations = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.integer({ min: 1, max: 1e5 }));
  t.notThrows(() =>
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 7 }), (known, of) => {
        const names = Object.keys(known);
        const parts = Array.from({ length: of }, (_, n) => shardOf(names, known, { index: n + 1, of }));
        const reversed = shardOf([...names].reverse(), known, { index: 1, of });
        return (
          parts.flat().length === names.length &&
          new Set(parts.flat()).size === names.length &&
          [...reversed].sort().join() === [...(parts[0] ?? [])].sort().join()
        );
      }),
    ),
  );
});

test('shards are balanced by what runs are known to take', (t) => {
  const known = { long: 60_000, b: 20_000, c: 20_000, d: 20_000 };
  t.deepEqual(shardOf(['b', 'c', 'd', 'long'], known, { index: 1, of: 2 }), ['long']);
  t.deepEqual(shardOf(['b', 'c', 'd', 'long'], known, { index: 2, of: 2 }), ['b', 'c', 'd']);
});

for (const text of ['0/3', '4/3', '1', 'a/b', '1/3/5']) {
  test(`--shard ${text} is answered with one sentence`, (t) => {
    t.throws(() => parseShard(text), { instanceOf: UsageError, message: /takes i\/n .*found "/ });
  });
}
