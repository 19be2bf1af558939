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
  t.true(found.interval !== null && Number(found.interval[0]) <= 50 && Number(found.interval[1]) >= 50);
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
          Number(low) <= there.effect &&
          there.effect <= Number(high) &&
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

const DEAD = { values: [], atLeast: Array.from({ length: 12 }, () => 30_000) };

test('a side that never returns is slower, with as many runs as there are, and never the same', (t) => {
  for (const n of [1, 3, 12]) {
    const alive = { values: around(20).slice(0, n) };
    const dead = { values: [], atLeast: DEAD.atLeast.slice(0, n) };
    const found = compare(alive, dead, { minimumEffectMs: 50 });
    t.like(found, { verdict: 'slower', atLeast: true, notOver: [0, n] }, `${n} runs`);
    t.true(found.effect > 29_000 && found.effect < 30_000);
    t.is(compare(dead, alive, { minimumEffectMs: 50 }).verdict, 'faster');
  }
  t.like(compare({ values: around(20) }, DEAD, { minimumEffectMs: 50 }), { interval: [null, null] });
});

test('two dead sides cannot be compared, and are not called the same', (t) => {
  t.like(compare(DEAD, DEAD, { minimumEffectMs: 50 }), { verdict: 'undecided', effect: 0, p: 1 });
});

test('some runs that do not return make a side slower where they are too many for chance', (t) => {
  const some = (count: number) => ({
    values: around(20).slice(0, 12 - count),
    atLeast: DEAD.atLeast.slice(0, count),
  });
  t.is(compare(some(0), some(6), { minimumEffectMs: 5 }).notOver[1], 6);
  t.is(compare(some(0), some(9), { minimumEffectMs: 50 }).verdict, 'slower');
  t.not(compare(some(0), some(1), { minimumEffectMs: 50 }).verdict, 'slower');
  t.is(compare(some(0), some(9), { minimumEffectMs: 50 }).atLeast, true);
});

test('how long a dead service was waited for changes no verdict', (t) => {
  const short = { values: around(20), atLeast: [100, 100, 100] };
  const long = { values: around(20), atLeast: [30_000, 30_000, 30_000] };
  t.like(compare(short, long, { minimumEffectMs: 50 }), { effect: 0, p: 1 });
});
