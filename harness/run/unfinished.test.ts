import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { exampleReport } from '../report/content/example.ts';
import { readResult } from '../result/result.ts';
import { rejudge } from './rejudge.ts';
import { writeVerdict } from './run-folder.ts';
import { NO_VERDICT, writeUnfinished } from './unfinished.ts';

test('an invocation that was killed shows the runs that had their verdict, and claims nothing of the rest', async (t) => {
  await using example = await exampleReport();
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-unfinished-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const [first, second] = example.result.scenarios;
  if (!first || !second) throw new Error('The example has two scenarios at least.');
  const begun = { ...example.result, scenarios: [first, second].map((each) => ({ ...each, runs: [] })) };
  await writeUnfinished(folder, begun);
  const atOnce = await readResult(folder);
  t.deepEqual(
    atOnce.scenarios.map(({ status, reason }) => [status, reason]),
    [
      ['invalid', NO_VERDICT],
      ['invalid', NO_VERDICT],
    ],
  );
  // Its first scenario has run since, and nobody wrote the result again.
  const [run] = first.runs;
  if (!run) throw new Error('The example has a run.');
  await mkdir(join(folder, first.name, 'run-1'), { recursive: true });
  await writeVerdict(join(folder, first.name, 'run-1'), run);
  const { scenarios } = await rejudge(folder);
  t.is(scenarios[0]?.runs.length, 1);
  t.like(scenarios[1], { status: 'invalid', reason: NO_VERDICT });
});
