import test from 'ava';
import fc from 'fast-check';
import { compare } from './compare.ts';
import { criticalU, mannWhitneyP, mannWhitneyU } from './mann-whitney.ts';
import { runsNeeded } from './runs-needed.ts';

/** Two-sided critical values at the 5 % level, as statistics textbooks print them. */
const PUBLISHED = [
  [4, 4, 0],
  [5, 5, 2],
  [5, 8, 6],
  [6, 10, 11],
  [8, 8, 13],
  [10, 10, 23],
  [12, 12, 37],
  [13, 16, 59],
  [20, 20, 127],
] as const;

for (const [n, m, u] of PUBLISHED) {
  test(`samples of ${n} and ${m} differ up to U = ${u}, as published`, (t) => {
    t.is(criticalU(n, m, 0.05), u);
  });
}

test('three against three can never differ', (t) => {
  t.is(criticalU(3, 3, 0.05), undefined);
  t.is(compare({ values: [1, 2, 3] }, { values: [91, 92, 93] }, { minimumEffectMs: 5 }).verdict, 'undecided');
});

test('ties count half, and make no difference surer', (t) => {
  t.is(mannWhitneyU([1, 2, 2], [2, 3]), 1);
  t.is(mannWhitneyP([5, 5, 5, 5], [5, 5, 5, 5]), 1);
});

test('complete separation of four and four has p = 2/70', (t) => {
  t.true(Math.abs(mannWhitneyP([1, 2, 3, 4], [5, 6, 7, 8]) - 2 / 70) < 1e-12);
});

const around = (centre: number) => Array.from({ length: 12 }, (_, n) => centre + ((n * 7) % 12));

test('a slowdown is found, sized and traced to its part', (t) => {
  const fast = { values: around(20), parts: { detection: around(10), announcement: around(1) } };
  const slow = { values: around(70), parts: { detection: around(12), announcement: around(49) } };
  const found = compare(fast, slow, { minimumEffectMs: 20 });
  t.is(found.verdict, 'slower');
  t.is(found.effect, 50);
  t.true(found.interval !== null && found.interval[0] <= 50 && found.interval[1] >= 50);
  t.deepEqual(found.blame, { part: 'announcement', effect: 48 });
  t.is(compare(slow, fast, { minimumEffectMs: 20 }).verdict, 'faster');
});

test('a significant trifle raises no alarm', (t) => {
  const found = compare({ values: around(20) }, { values: around(32) }, { minimumEffectMs: 30 });
  t.true(found.p < 0.001);
  t.is(found.verdict, 'same');
});

test('the interval turns with the samples and encloses the effect', (t) => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 4, maxLength: 20 });
  t.notThrows(() =>
    fc.assert(
      fc.property(values, values, (a, b) => {
        const there = compare({ values: a }, { values: b }, { minimumEffectMs: 1 });
        const back = compare({ values: b }, { values: a }, { minimumEffectMs: 1 });
        const [low, high] = there.interval ?? [Number.NaN, Number.NaN];
        return (
          low <= there.effect &&
          there.effect <= high &&
          Math.abs(there.effect + back.effect) < 1e-6 &&
          Math.abs(there.p - back.p) < 1e-9
        );
      }),
    ),
  );
});

test('an effect as large as the spread needs 26 runs a side, half of it about four times as many', (t) => {
  t.is(runsNeeded({ effectMs: 50, deviationMs: 50 }), 26);
  t.is(runsNeeded({ effectMs: 50, deviationMs: 50, power: 0.8 }), 20);
  t.true(runsNeeded({ effectMs: 25, deviationMs: 50 }) > 3.5 * 26);
});
