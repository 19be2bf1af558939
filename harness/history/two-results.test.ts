import test from 'ava';
import { randomFrom } from '../scenario/phases.ts';
import { drawnEntry, drawnRuns } from './real-runs.fixture.ts';
import { compareResults } from './two-results.ts';

const random = randomFrom(11);
const before = drawnEntry(1, { same: drawnRuns(12, random), slower: drawnRuns(12, random), gone: [] });

test('a scenario that became slower is told from one that did not, and missing ones are named', (t) => {
  const after = drawnEntry(2, {
    same: drawnRuns(12, random),
    slower: drawnRuns(12, random, { detection: 1.1 }),
    fresh: [],
  });
  const { scenarios, onlyA, onlyB, environment } = compareResults(before, after, 50);
  t.deepEqual(
    scenarios.map(({ scenario, comparison }) => [scenario, comparison?.verdict]),
    [
      ['same', 'same'],
      ['slower', 'slower'],
    ],
  );
  t.is(scenarios[1]?.comparison?.blame?.part, 'detection');
  t.deepEqual([onlyA, onlyB, environment], [['gone'], ['fresh'], []]);
});

test('what differs between two environments is said', (t) => {
  const after = drawnEntry(2, {}, 'ffffffffffff');
  const elsewhere = { ...after, environment: { ...after.environment, kernel: '6.1', cpus: 8 } };
  t.deepEqual(compareResults(before, elsewhere, 50).environment, ['kernel 6.18 and 6.1', 'cpus 2 and 8']);
});
