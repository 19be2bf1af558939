import test from 'ava';
import { randomFrom } from '../../scenario/phases.ts';
import { drawnEntry, drawnRuns } from './real-runs.fixture.ts';
import { compareResults } from './two-results.ts';

const random = randomFrom(11);
const before = drawnEntry(1, { same: drawnRuns(12, random), slower: drawnRuns(12, random), gone: [] });

function withoutConfigurations({ settings: _, ...entry }: ReturnType<typeof drawnEntry>) {
  return { ...entry, scenarios: entry.scenarios.map(({ configurations: __, ...scenario }) => scenario) };
}

test('a scenario that became slower is distinguished from one that did not, and missing ones are named', (t) => {
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
  t.is(scenarios[1]?.software?.blame?.part, 'detection');
  t.deepEqual([onlyA, onlyB, environment], [['gone'], ['fresh'], []]);
});

test('a changed demand of the configuration is distinguished from software, after one run a side', (t) => {
  const one = drawnEntry(1, { 'master-kill': drawnRuns(1, random) });
  const other = drawnEntry(2, { 'master-kill': drawnRuns(1, random, {}, { moreMs: 195.3 }) }, undefined, 40);
  const [found] = compareResults(one, other, 50).scenarios;
  t.is(found?.verdict, 'slower');
  t.is(found?.software?.verdict, 'undecided');
  t.deepEqual(found?.settings, ['amphora-2, keepalived.conf: priority 90 → 40']);
});

test('where both pairs were told the same, another model is no change of what clients get', (t) => {
  const runs = drawnRuns(12, random);
  const other = runs.map((run) => ({
    ...run,
    predicted: {
      ...run.predicted,
      outage: { min: run.predicted.outage.min - 80, max: run.predicted.outage.max - 80 },
      atPhaseZero: { min: run.predicted.atPhaseZero.min - 80, max: run.predicted.atPhaseZero.max - 80 },
    },
  }));
  const [found] = compareResults(
    drawnEntry(1, { 'master-kill': runs }),
    drawnEntry(2, { 'master-kill': other }),
    50,
  ).scenarios;
  t.like(found, { verdict: 'same', demanded: { min: 0, max: 0 }, comparison: { effect: 0 } });
});

test('runs of schema 1, which kept no demand at equal phase, are compared by what can be derived', (t) => {
  const old = (night: number, moreMs: number) => {
    const runs = drawnRuns(12, random, {}, { moreMs }).map(({ predicted, ...run }) => ({
      ...run,
      predicted: { outage: predicted.outage } as typeof predicted,
    }));
    return withoutConfigurations(drawnEntry(night, { 'master-kill': runs }));
  };
  const [found] = compareResults(old(1, 0), old(2, 195.3), 50).scenarios;
  t.like(found, { verdict: 'slower', software: { verdict: 'same' } });
  t.true(Math.abs((found?.demanded?.min ?? 0) - 195.3) < 0.5);
});

test('an interval of 2 s against 1 s is known to some milliseconds, whatever phases were drawn', (t) => {
  const entry = (night: number, moreMs: number) =>
    withoutConfigurations(drawnEntry(night, { 'master-kill': drawnRuns(8, random, {}, { moreMs }) }));
  const [one, other] = [entry(1, 0), entry(2, 3000)];
  const [low, high] = compareResults(one, other, 50).scenarios[0]?.comparison?.interval ?? [null, null];
  t.true(low !== null && high !== null && low > 2970 && high < 3030, `${low} to ${high}`);
});

test('what differs between two environments is said', (t) => {
  const after = drawnEntry(2, {}, 'ffffffffffff');
  const elsewhere = { ...after, environment: { ...after.environment, kernel: '6.1', cpus: 8 } };
  t.deepEqual(compareResults(before, elsewhere, 50).environment, ['kernel 6.18 and 6.1', 'cpus 2 and 8']);
});
