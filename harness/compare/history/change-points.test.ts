import test from 'ava';
import { randomFrom } from '../../scenario/phases.ts';
import { changePoints } from './change-points.ts';

function series(levels: readonly (readonly [nights: number, levelMs: number])[], seed: number): number[] {
  const random = randomFrom(seed);
  return levels.flatMap(([nights, level]) =>
    Array.from({ length: nights }, () => level + 20 * (random() - 0.5)),
  );
}

test('a step is found at the night at which it happened, with both levels', (t) => {
  const [found, ...more] = changePoints(
    series(
      [
        [12, 10],
        [12, 110],
      ],
      1,
    ),
    50,
  );
  t.deepEqual(more, []);
  t.is(found?.index, 12);
  t.true(Math.abs((found?.beforeMs ?? 0) - 10) < 10 && Math.abs((found?.afterMs ?? 0) - 110) < 10);
});

test('two steps are found in order, and a step back is one', (t) => {
  const found = changePoints(
    series(
      [
        [12, 10],
        [12, 110],
        [12, 10],
      ],
      2,
    ),
    50,
  );
  t.deepEqual(
    found.map(({ index }) => index),
    [12, 24],
  );
});

test('noise has no change points, and neither has a step that does not matter', (t) => {
  for (let seed = 1; seed <= 20; seed++) t.deepEqual(changePoints(series([[30, 10]], seed), 50), []);
  t.deepEqual(
    changePoints(
      series(
        [
          [12, 10],
          [12, 40],
        ],
        3,
      ),
      50,
    ),
    [],
  );
});

test('too few nights have no change points', (t) => {
  t.deepEqual(changePoints([], 50), []);
  t.deepEqual(changePoints([1, 200, 200], 50), []);
});
