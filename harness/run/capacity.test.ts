import test from 'ava';
import type { Engine } from '../lab/engine/engine.ts';
import { UsageError } from '../usage-error.ts';
import { capacityOf, requireRoom, roomIn } from './capacity.ts';

test('cores decide where memory is plenty', (t) => {
  t.deepEqual(capacityOf({ cpus: 2, freeMemoryMb: 20_000 }), { labs: 6, reason: '3 for each of 2 cores' });
});

test('memory decides where it is short, and one lab is always tried', (t) => {
  t.is(capacityOf({ cpus: 16, freeMemoryMb: 4000 }).labs, 10);
  t.is(capacityOf({ cpus: 2, freeMemoryMb: 500 }).labs, 1);
});

test('there is room for as many labs as memory and inotify instances hold, whichever is less', (t) => {
  t.is(roomIn({ freeMemoryMb: 22_000 }).labs, 200);
  const { labs, reason } = roomIn({ freeMemoryMb: 22_000, inotifyInstances: 128 });
  t.is(labs, 12);
  t.regex(reason, /max_user_instances is 128$/);
  t.is(roomIn({ freeMemoryMb: 1100, inotifyInstances: 128 }).labs, 10);
});

test('more labs than there is room for are refused, and where the machine decides, nothing is', async (t) => {
  const elsewhere = { host: 'tcp://engine:2376', docker: { info: async () => ({ MemTotal: 2e9 }) } };
  const engine = elsewhere as unknown as Engine;
  await t.throwsAsync(requireRoom(engine, 10), {
    instanceOf: UsageError,
    message: '--parallel takes at most 9 here (110 MB each of the 1000 MB that are free); found 10.',
  });
  await t.notThrowsAsync(requireRoom(engine, 9));
  await t.notThrowsAsync(requireRoom(engine, undefined));
});
