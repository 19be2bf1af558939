import test from 'ava';
import { firstPlaces, nextPlaces } from './pressure.ts';

const busy = { most: 6, busy: true };

test('where processes wait, labs become fewer, one at a time and never none', (t) => {
  t.is(nextPlaces(4, { ...busy, pressure: 0.9 }), 3);
  t.is(nextPlaces(1, { ...busy, pressure: 1 }), 1);
});

test('where none waits, labs become more, up to what the machine holds', (t) => {
  t.is(nextPlaces(4, { ...busy, pressure: 0.1 }), 5);
  t.is(nextPlaces(6, { ...busy, pressure: 0 }), 6);
  t.is(nextPlaces(4, { ...busy, pressure: 0.1, busy: false }), 4, 'nobody asks for more');
});

test('between the two, all stays as it is', (t) => {
  t.is(nextPlaces(4, { ...busy, pressure: 0.6 }), 4);
});

test('one begins with no more labs than the machine holds', (t) => {
  t.is(firstPlaces(1), 1);
  t.true(firstPlaces(1000) < 1000);
});
