import { randomUUID } from 'node:crypto';
import test from 'ava';
import { withLock } from './lock.ts';

test('who finds a lock held waits for it, or is refused', async (t) => {
  const name = randomUUID();
  const done: string[] = [];
  const { promise: freed, resolve: free } = Promise.withResolvers<void>();
  const { promise: held, resolve: hold } = Promise.withResolvers<void>();
  const first = withLock(name, async () => {
    hold();
    await freed;
    done.push('first');
  });
  await held;
  const waiting = withLock(name, async () => void done.push('second'));
  const refused = withLock(name, async () => void done.push('third'), new Error('another run works there'));
  await t.throwsAsync(refused, { message: 'another run works there' });
  free();
  await Promise.all([first, waiting]);
  t.deepEqual(done, ['first', 'second']);
});
