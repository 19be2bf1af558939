import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import { randomFrom } from '../../scenario/phases.ts';
import { fromJsonLines, toJsonLines } from './json-lines.ts';
import { drawnEntry, drawnRuns } from './real-runs.fixture.ts';
import { History } from './store.ts';
import { UnreadableHistory } from './unreadable.ts';

const random = randomFrom(1);
const NIGHTS = [0, 1, 2, 3].map((night) =>
  drawnEntry(
    night,
    { 'master-kill': drawnRuns(3, random), 'cable-cut': drawnRuns(3, random) },
    night < 2 ? 'aaaaaaaaaaaa' : 'bbbbbbbbbbbb',
  ),
);

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'amphora-testbed-history-'));
  return { file: join(path, 'history.db'), [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('what was added is there again after closing, oldest first', async (t) => {
  await using place = await folder();
  {
    using history = History.open(place.file);
    t.is(history.add([...NIGHTS].reverse()), 4);
  }
  using history = History.open(place.file);
  t.deepEqual(history.entries(), NIGHTS);
});

test('filters narrow by scenario, environment, time and number', async (t) => {
  await using place = await folder();
  using history = History.open(place.file);
  history.add(NIGHTS);
  const ids = (filter: Parameters<History['entries']>[0]) => history.entries(filter).map(({ id }) => id);
  t.deepEqual(ids({ fingerprint: 'aaaaaaaaaaaa' }), ['night-000', 'night-001']);
  t.deepEqual(ids({ last: 1 }), ['night-003']);
  t.deepEqual(ids({ last: 0 }), []);
  t.deepEqual(ids({ since: new Date('2026-01-03T00:00:00Z') }), ['night-002', 'night-003']);
  t.deepEqual(ids({ scenario: 'no-such' }), []);
  const [first] = history.entries({ scenario: 'cable-cut' });
  t.deepEqual(
    first?.scenarios.map(({ name }) => name),
    ['cable-cut'],
  );
});

test('the same result is counted once, another of the same id is refused and nothing is added', async (t) => {
  await using place = await folder();
  using history = History.open(place.file);
  const [first, second] = NIGHTS;
  if (!first || !second) return t.fail();
  t.is(history.add([first]), 1);
  t.is(history.add([first]), 0);
  t.throws(() => history.add([second, { ...first, seed: 99 }]), {
    instanceOf: UnreadableHistory,
    message: /another result with the id night-000: nothing was added/,
  });
  t.is(history.entries().length, 1);
});

test('an export imported elsewhere is the same history', async (t) => {
  await using one = await folder();
  await using other = await folder();
  using history = History.open(one.file);
  history.add(NIGHTS);
  using copy = History.open(other.file);
  copy.add(fromJsonLines(toJsonLines(history.entries()), 'export'));
  t.deepEqual(copy.entries(), history.entries());
});

test('an entry of schema 1, which knew one fault a run and no end of observation, still reads', (t) => {
  const [entry] = NIGHTS;
  if (!entry) return t.fail();
  const old = {
    ...entry,
    settings: undefined,
    scenarios: entry.scenarios.map(({ configurations: _, ...scenario }) => ({
      ...scenario,
      runs: scenario.runs.map(({ episodes: __, over: ___, predicted, ...run }) => ({
        ...run,
        predicted: { outage: predicted.outage },
      })),
    })),
  };
  const [read] = fromJsonLines(`${JSON.stringify(old)}\n`, 'export.jsonl');
  t.deepEqual(read?.scenarios[0]?.runs[0]?.episodes, []);
  t.is(read?.scenarios[0]?.runs[0]?.metrics.outage, entry.scenarios[0]?.runs[0]?.metrics.outage);
});

test('an import names the line that is damaged', (t) => {
  const text = toJsonLines(NIGHTS).replace('"night-001"', '17');
  t.throws(() => fromJsonLines(text, 'export.jsonl'), {
    instanceOf: UnreadableHistory,
    message: /^export\.jsonl, line 2: .*Nothing was imported/,
  });
});

for (const [what, damage] of [
  [
    'text',
    async (file: string) => writeFile(file, 'this is no database, and long enough to be none\n'.repeat(40)),
  ],
  ['a file cut short', async (file: string) => truncate(file, 5000)],
  [
    'another program’s database',
    async (file: string) => {
      await rm(file);
      new DatabaseSync(file).exec('CREATE TABLE notes (text TEXT)');
    },
  ],
  [
    'a newer version',
    async (file: string) => {
      using database = new DatabaseSync(file);
      database.exec('PRAGMA user_version = 99');
    },
  ],
] as const) {
  test(`${what} is refused as a history, and left as it is`, async (t) => {
    await using place = await folder();
    {
      using history = History.open(place.file);
      history.add(NIGHTS);
    }
    await damage(place.file);
    const before = await readFile(place.file);
    t.throws(() => History.open(place.file), {
      instanceOf: UnreadableHistory,
      message: /cannot be read as a history: .*It was left as it is/,
    });
    t.deepEqual(await readFile(place.file), before);
    t.is((await stat(place.file)).size, before.length);
  });
}
