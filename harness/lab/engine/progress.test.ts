import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { Stalled, whileItMoves } from './progress.ts';

test('work that moves now and then may take many times the limit', async (t) => {
  let steps = 0;
  const done = await whileItMoves(
    'the download',
    async (moved) => {
      for (; steps < 20; steps++) {
        await delay(20);
        moved();
      }
      return 'whole';
    },
    200,
  );
  t.is(done, 'whole');
  t.is(steps, 20);
});

test('work that stands still is ended, and a sentence says which and for how long', async (t) => {
  const ended = Promise.withResolvers<unknown>();
  await t.throwsAsync(
    whileItMoves(
      'the download',
      async (moved, signal) => {
        moved();
        await delay(60_000, undefined, { signal }).catch(() => ended.resolve(signal.reason));
      },
      1000,
    ),
    { instanceOf: Stalled, message: 'the download made no progress for 1 s' },
  );
  t.true((await ended.promise) instanceof Stalled);
});

test('what the work throws is passed on', async (t) => {
  await t.throwsAsync(
    whileItMoves('the download', () => Promise.reject(new Error('no such release'))),
    { message: 'no such release' },
  );
});
