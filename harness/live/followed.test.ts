import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { stored } from '../analysis/verdict/stored-run.fixture.ts';
import type { Observation } from '../observations/observation.ts';
import { exampleReport } from '../report/content/example.ts';
import { RUN_FILES, writeBegun } from '../run/run-folder.ts';
import { FollowedRuns } from './followed.ts';
import { Tail } from './tail.ts';

const RUN = { scenario: 'master-kill', index: 1, attempt: 1 };
const lines = (entries: readonly Observation[]) =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');

test('a run is followed by what it writes; it can be replayed once it is over', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'followed-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const followed = new FollowedRuns(folder, 'master-kill', 2);
  const view = followed.beside({ stage() {}, ended() {} });
  const told = async () => {
    const { lead = '', status = '', episodes = '', mode } = await followed.now();
    return { lead, status, episodes, mode };
  };
  t.like(await told(), { lead: '0 of 2 runs over; the first run begins.' });

  view.stage(RUN, 'building the lab');
  const place = join(folder, 'master-kill/run-1');
  await mkdir(place, { recursive: true });
  const { facts, history } = stored();
  const file = join(place, RUN_FILES.history);
  const half = history.findLastIndex((entry) => entry.kind === 'request' && entry.outcome === 'failed') + 1;
  await writeFile(file, lines(history.slice(0, half)));
  t.regex((await told()).status, /not steady yet/);
  await writeBegun(place, facts);
  view.stage(RUN, 'failing over');
  const cut = await told();
  t.is(cut.lead, '0 of 2 runs over; master-kill run 1: failing over.');
  t.regex(cut.episodes, /not over yet/);
  t.regex(cut.status, /clients have been cut off/);
  await appendFile(file, lines(history.slice(half)));
  t.regex((await told()).status, /no client has asked in the last second/, 'it was long ago');
  await t.throwsAsync(followed.at(0, 0), { message: /not over yet/ });

  view.ended(RUN, { status: 'failed', reason: 'too slow' }, false);
  view.stage({ ...RUN, index: 2 }, 'building the lab');
  t.is(
    (await told()).lead,
    'master-kill run 1 failed: too slow. 1 of 2 runs over; master-kill run 2: building the lab.',
  );
  t.regex((await told()).status, /not steady yet/, 'the next run is shown');

  await using example = await exampleReport();
  const { result } = example;
  t.false(followed.replay({ ...result, scenarios: [] }));
  t.is((await told()).mode, undefined);
  t.true(followed.replay(result));
  t.is((await told()).mode, 'replay');
});

test('a line that is being written is read once it is whole, also where a character is cut in two', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tail-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const tail = new Tail(join(folder, 'lines'));
  t.deepEqual(await tail.more(), []);
  const whole = Buffer.from('one\ntwö\n');
  const cut = whole.length - 2;
  await writeFile(join(folder, 'lines'), whole.subarray(0, cut));
  t.deepEqual(await tail.more(), ['one']);
  await appendFile(join(folder, 'lines'), whole.subarray(cut));
  t.deepEqual(await tail.more(), ['twö']);
  t.deepEqual(await tail.more(), []);
});
