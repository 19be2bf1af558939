import test from 'ava';
import { inTurn } from './turn.ts';

test('work on one thing is done in the order it was asked for, even after a failure', async (t) => {
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = inTurn('a', async () => {
    await gate.promise;
    order.push('first');
    throw new Error('no');
  });
  const second = inTurn('a', async () => {
    order.push('second');
  });
  await inTurn('b', async () => {
    order.push('other');
  });
  gate.resolve();
  await t.throwsAsync(first);
  await second;
  t.deepEqual(order, ['other', 'first', 'second']);
});
