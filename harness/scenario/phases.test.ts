import test from 'ava';
import { newSeed, phaseShares } from './phases.ts';

test('a single run has its fault once a new pair is steady, and before the next advertisement', (t) => {
  for (let n = 0; n < 100; n++) {
    const [share = 0] = phaseShares(1, newSeed(1));
    t.true(share > 0.4 && share < 0.6, String(share));
  }
});

test('the faults of several runs are spread over the whole interval', (t) => {
  const first = Array.from({ length: 200 }, () => phaseShares(2, newSeed(2)));
  for (const [one = 0, other = 0] of first) t.true(one < 0.5 && other > 0.5, `${one} ${other}`);
  t.true(first.some(([one = 1]) => one < 0.1) && first.some(([, other = 0]) => other > 0.9));
});

test('a scenario that is watched has no end, and a seed', (t) => {
  t.true(newSeed(Number.POSITIVE_INFINITY) >= 1);
});
