import test from 'ava';
import { randomFrom } from '../../scenario/phases.ts';
import { drawnRuns } from '../history/real-runs.fixture.ts';
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

test('a slowdown of 20 ms is found by the packets, where they saw what the requests saw', (t) => {
  const random = randomFrom(34);
  const pool = (moreMs: number) =>
    drawnRuns(40, random, {}, {}).map((run) => {
      const { min } = run.predicted.outage;
      // Half a millisecond of spacing, and what the machine adds now and then.
      const packetOutage = min + moreMs + random() + (random() < 0.1 ? 5 : 0);
      const outage = packetOutage + 10 * (random() - 0.5);
      return { ...run, metrics: { ...run.metrics, outage, packetOutage, uncertainty: 5 } };
    });
  const found = sensitivityOf({ a: pool(0), b: pool(19.5) }, { ...OPTIONS, minimumEffectMs: 10 });
  t.is(found.metric, 'packetOutage');
  t.true(found.found >= 0.9 && found.falseAlarms <= 0.05);
  t.true(Math.abs(found.effectMs - 19.5) < 1);
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
