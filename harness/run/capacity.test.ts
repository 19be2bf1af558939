import test from 'ava';
import { capacityOf, roomIn } from './capacity.ts';

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
