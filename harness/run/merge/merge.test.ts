import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { drawnEntry, drawnRuns } from '../../compare/history/real-runs.fixture.ts';
import { type Result, SCHEMA_VERSION } from '../../result/result.ts';
import { randomFrom } from '../../scenario/phases.ts';
import { UsageError } from '../../usage-error.ts';
import { shardOf } from '../night/shard.ts';
import { scenarioResult } from '../scenario-result.ts';
import { mergeResults } from './merge.ts';

const NAMES = ['cable-cut', 'garp-lost', 'haproxy-kill', 'master-kill', 'partition'];
const random = randomFrom(3);
const RUNS = Object.fromEntries(
  NAMES.map((name) => [
    name,
    drawnRuns(4, random).map((run) => ({
      ...run,
      labUpMs: 1,
      checks: [],
      events: [],
      artifacts: { logs: [] },
      versions: {},
    })),
  ]),
);
const STRICT = { mixed: false, incomplete: false };

/** A stored result of these scenarios, as one machine would leave it. */
async function stored(folder: string, names: readonly string[], more: Partial<Result> = {}): Promise<Result> {
  for (const name of names) {
    for (const run of RUNS[name] ?? []) {
      const place = join(folder, name, `run-${run.index}`);
      await mkdir(place, { recursive: true });
      await writeFile(join(place, 'run.json'), JSON.stringify(run));
    }
  }
  const { id, alarms: _, ...facts } = drawnEntry(0, {});
  const scenarios = await Promise.all(
    names.map((name) => scenarioResult(folder, { name, title: name, parameters: {} })),
  );
  const result: Result = {
    ...facts,
    id: `${id}-${names[0]}`,
    schemaVersion: SCHEMA_VERSION,
    scenarios,
    ...more,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'result.json'), JSON.stringify(result));
  return result;
}

async function place() {
  const root = await mkdtemp(join(tmpdir(), 'amphora-testbed-merge-'));
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

/** Three shards of the catalogue in folders of their own. */
async function shards(root: string): Promise<string[]> {
  return Promise.all(
    [1, 2, 3].map(async (index) => {
      const folder = join(root, `shard-${index}`);
      await stored(folder, shardOf(NAMES, {}, { index, of: 3 }), { shard: { index, of: 3 } });
      return folder;
    }),
  );
}

test('three shards merged are what one machine would have measured', async (t) => {
  await using at = await place();
  const whole = await stored(join(at.root, 'whole'), NAMES);
  const merged = await mergeResults(await shards(at.root), join(at.root, 'merged'), 'merged', STRICT);
  t.deepEqual(merged.scenarios, whole.scenarios);
  t.is(merged.scenarios.flatMap(({ runs }) => runs).length, 20);
  t.is(merged.shard, undefined);
});

test('a lost shard is named', async (t) => {
  await using at = await place();
  const [one, , three] = await shards(at.root);
  const merge = (incomplete: boolean) =>
    mergeResults([one ?? '', three ?? ''], join(at.root, 'merged'), 'merged', { ...STRICT, incomplete });
  await t.throwsAsync(merge(false), { instanceOf: UsageError, message: /Of 3 shards, 2\/3 is missing/ });
  t.true((await merge(true)).scenarios.length < NAMES.length);
});

test('nothing is counted twice', async (t) => {
  await using at = await place();
  const [one = ''] = await shards(at.root);
  await t.throwsAsync(
    mergeResults([one, one], join(at.root, 'merged'), 'merged', { ...STRICT, incomplete: true }),
    {
      instanceOf: UsageError,
      message: /run 1 of .* is in .* and in .*: nothing is counted twice/,
    },
  );
});

test('results of unequal environments are refused, and say what differs', async (t) => {
  await using at = await place();
  const here = await stored(join(at.root, 'here'), ['cable-cut']);
  const environment = { ...here.environment, kernel: '6.1', fingerprint: 'ffffffffffff' };
  await stored(join(at.root, 'there'), ['partition'], { environment });
  const both = [join(at.root, 'here'), join(at.root, 'there')];
  await t.throwsAsync(mergeResults(both, join(at.root, 'merged'), 'merged', STRICT), {
    instanceOf: UsageError,
    message: /different environments \(kernel 6\.18 and 6\.1\): --mixed/,
  });
  const merged = await mergeResults(both, join(at.root, 'merged'), 'merged', { ...STRICT, mixed: true });
  t.deepEqual(
    merged.scenarios.map(({ name }) => name),
    ['cable-cut', 'partition'],
  );
});
