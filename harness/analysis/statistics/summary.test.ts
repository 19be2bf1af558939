import test from 'ava';
import fc from 'fast-check';
import { max, median, min } from 'simple-statistics';
import { summarise } from './summary.ts';

test('five values give no interval of the median, six give their range', (t) => {
  t.is(summarise([1, 2, 3, 4, 5]).ci95, null);
  t.deepEqual(summarise([6, 5, 4, 3, 2, 1]).ci95, [1, 6]);
});

test('of ten values, the second smallest and the second largest enclose the median', (t) => {
  t.deepEqual(summarise([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).ci95, [2, 9]);
});

const anyValues = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 19 });

test('without bounds, the figures are the ordinary ones', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(anyValues, (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const found = summarise(values);
        const near = (a: number | null, b: number) =>
          a !== null && Math.abs(a - b) <= 1e-6 * (1 + Math.abs(b));
        return (
          found.n === values.length &&
          found.notOver === 0 &&
          found.min === min(sorted) &&
          near(found.median, median(sorted)) &&
          found.p95 !== null &&
          sorted.includes(found.p95) &&
          sorted.filter((value) => value <= (found.p95 ?? 0)).length >= 0.95 * sorted.length &&
          found.max === max(sorted)
        );
      }),
    ),
  );
});

test('a summary is in order whatever the values, and bounds only raise it', (t) => {
  const bounds = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { maxLength: 30 });
  const up = (figure: number | null) => figure ?? Number.POSITIVE_INFINITY;
  t.notThrows(() =>
    fc.assert(
      fc.property(anyValues, bounds, (values, atLeast) => {
        const found = summarise(values, atLeast);
        const plain = summarise([...values, ...atLeast]);
        const ordered = [found.min, found.median, found.p95, found.max].map(up);
        return (
          ordered.every((figure, n) => n === 0 || figure >= (ordered[n - 1] ?? 0)) &&
          up(found.median) >= up(plain.median) - 1e-6 * (1 + Math.abs(up(plain.median))) &&
          up(found.max) >= up(plain.max) &&
          (found.ci95 === null || found.ci95[0] <= up(found.ci95[1]))
        );
      }),
    ),
  );
});

test('where two runs of three did not return there is no median, whatever was waited', (t) => {
  t.deepEqual(summarise([4000], [32_000, 30_000]), {
    n: 3,
    notOver: 2,
    min: 4000,
    median: null,
    p95: null,
    max: null,
    ci95: null,
  });
});

test('where one run of three did not return, the median is the longer of the two others', (t) => {
  t.like(summarise([4000, 3000], [32_000]), {
    n: 3,
    notOver: 1,
    min: 3000,
    median: 4000,
    p95: null,
    max: null,
  });
});

test('where nothing returned there is no figure but the count', (t) => {
  t.deepEqual(summarise([], [10, 20]), {
    n: 2,
    notOver: 2,
    min: null,
    median: null,
    p95: null,
    max: null,
    ci95: null,
  });
});

/** Times of remission under 6-MP, weeks: Freireich et al., Blood 21 (1963), as every textbook of survival analysis. */
const SEEN = [6, 6, 6, 7, 10, 13, 16, 22, 23];
const BOUNDS = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];

test('a published sample with bounds has its published median', (t) => {
  t.is(summarise(SEEN, BOUNDS).median, 23);
  t.is(summarise(SEEN, BOUNDS).p95, null);
});

test('the interval of a median with bounds is open above where it reaches them', (t) => {
  t.deepEqual(summarise([1, 2, 3, 4], [50, 50, 50, 50]).ci95, [1, null]);
  t.deepEqual(summarise([1, 2, 3, 4, 5, 6, 7, 8, 9], [50]).ci95, [2, 9]);
});

test('nothing at all has no summary', (t) => {
  t.throws(() => summarise([]), { instanceOf: RangeError });
});
