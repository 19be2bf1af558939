import test from 'ava';
import { capacityOf } from './capacity.ts';

test('cores decide where memory is plenty', (t) => {
  t.deepEqual(capacityOf({ cpus: 2, freeMemoryMb: 20_000 }), { labs: 6, reason: '3 for each of 2 cores' });
});

test('memory decides where it is short, and one lab is always tried', (t) => {
  t.is(capacityOf({ cpus: 16, freeMemoryMb: 4000 }).labs, 10);
  t.is(capacityOf({ cpus: 2, freeMemoryMb: 500 }).labs, 1);
});
