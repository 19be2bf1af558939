import test from 'ava';
import fc from 'fast-check';
import { summarise } from './summary.ts';

test('five values give no interval of the median, six give their range', (t) => {
  t.is(summarise([1, 2, 3, 4, 5]).ci95, null);
  t.deepEqual(summarise([6, 5, 4, 3, 2, 1]).ci95, [1, 6]);
});

test('of ten values, the second smallest and the second largest enclose the median', (t) => {
  t.deepEqual(summarise([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).ci95, [2, 9]);
});

test('a summary is in order whatever the values', (t) => {
  const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), {
    minLength: 1,
    maxLength: 60,
  });
  t.notThrows(() =>
    fc.assert(
      fc.property(values, (sample) => {
        const { min, median, p95, max, n, ci95 } = summarise(sample);
        const inside =
          ci95 === null || (min <= ci95[0] && ci95[0] <= median && median <= ci95[1] && ci95[1] <= max);
        return n === sample.length && min <= median && median <= max && p95 <= max && inside;
      }),
    ),
  );
});
