import test from 'ava';
import { drawnRuns } from '../history/real-runs.fixture.ts';
import { randomFrom } from '../scenario/phases.ts';
import { sensitivityOf } from './sensitivity.ts';

const OPTIONS = { trials: 100, seed: 3, minimumEffectMs: 25, part: 'detection' };
/** 51 ms of some 3,150 ms. */
const slowdown = { detection: 1.0162 };

test('a slowdown of 50 ms is found, and blamed on its phase', (t) => {
  const random = randomFrom(31);
  const found = sensitivityOf({ a: drawnRuns(40, random), b: drawnRuns(40, random, slowdown) }, OPTIONS);
  t.deepEqual(found.broken, []);
  t.true(found.found >= 0.9 && found.falseAlarms <= 0.05);
  t.true((found.blamed.detection ?? 0) >= 0.9 * found.found * found.trials);
});

test('an instrument that finds nothing, or blames another phase, breaks its promise', (t) => {
  const random = randomFrom(32);
  const same = sensitivityOf({ a: drawnRuns(40, random), b: drawnRuns(40, random) }, OPTIONS);
  t.regex(same.broken.join(' '), /was found in 0\.0 %/);
  const pools = { a: drawnRuns(40, random), b: drawnRuns(40, random, slowdown) };
  t.regex(
    sensitivityOf(pools, { ...OPTIONS, part: 'learning' }).broken.join(' '),
    /learning was blamed in 0 of/,
  );
});

test('too few runs are no proof', (t) => {
  const random = randomFrom(33);
  t.throws(() => sensitivityOf({ a: drawnRuns(23, random), b: drawnRuns(12, random) }, OPTIONS), {
    instanceOf: RangeError,
  });
});
