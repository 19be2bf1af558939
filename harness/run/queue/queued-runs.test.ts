import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { mkdtemp, readdir, rm, watch } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Images } from '../../lab/images/images.ts';
import { codeFile } from '../../project.ts';
import { eachLine } from '../../streams/lines.ts';
import { OWN_UNDER_TEST } from '../../system/under-test.ts';
import { EnvironmentFailed } from '../environment.ts';
import { evenJobs, type Plan } from '../plan.ts';
import { readVerdict, runFolder } from '../run-folder.ts';
import { parseQueueUrl } from './queue-url.ts';
import { QueuedRuns } from './queued-runs.ts';
import { PASSWORD, redisHere, startRedis } from './redis.fixture.ts';
import { PREFIX, QueueServer } from './server.ts';

const here = redisHere();
/** Its own, as workers, and `prune`, remove what dead workers left. */
const TEMPORARY = mkdtempSync(join(tmpdir(), 'amphora-testbed-workers-'));
test.after.always(() => rm(TEMPORARY, { recursive: true }));
// One after the other for the same reason.
const withRedis = here === undefined ? test.serial.skip : test.serial;
if (here === undefined)
  test.skip('there is no redis-server or valkey-server here: what needs one is skipped', () => {});

const RUNS = 60;
const SEED = 7;
const MACHINE = { engine: 'none', kernel: 'none', cpus: 1, node: 'none' };

/** A worker process that performs runs without a lab; `done` has the number of each run that it was through with. */
function startWorker(t: ExecutionContext, url: string, system = 'a', runMs = 20) {
  const child: ChildProcess = spawn(
    process.execPath,
    [codeFile('harness/run/queue/worker.fixture'), url, '2', system, String(runMs)],
    { env: { ...process.env, TMPDIR: TEMPORARY }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const done: number[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  if (child.stdout)
    eachLine(child.stdout, (line) => {
      done.push(Number(line));
      for (const { count, resolve } of waiting) if (done.length >= count) resolve();
    });
  t.teardown(() => child.kill('SIGKILL'));
  const untilDone = (count: number) => new Promise<void>((resolve) => waiting.push({ count, resolve }));
  return { child, done, untilDone };
}

/** How a worker's folder begins. */
function folderPrefix({ child }: ReturnType<typeof startWorker>): string {
  return `amphora-testbed-${hostname()}-${child.pid}-worker-`;
}

/** Where a worker keeps what it performs. */
async function foldersOf(worker: ReturnType<typeof startWorker>): Promise<readonly string[]> {
  const names = await readdir(TEMPORARY);
  return names.filter((name) => name.startsWith(folderPrefix(worker)));
}

/** Resolves when a worker that was started just now has its folder. */
async function begun(worker: ReturnType<typeof startWorker>): Promise<void> {
  for await (const { filename } of watch(TEMPORARY)) {
    if (filename?.startsWith(folderPrefix(worker))) return;
  }
}

async function nightFolder(t: ExecutionContext): Promise<Plan> {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-queued-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const images: Images = { amphora: 'amphora', fabric: 'fabric', system: OWN_UNDER_TEST };
  const jobs = evenJobs(['master-kill'], RUNS, SEED);
  return { folder, images, jobs, seed: SEED, set: [], keep: false, reuse: false };
}

function open(url: string, said: string[], signal = new AbortController().signal) {
  return QueuedRuns.open({
    address: parseQueueUrl(url),
    identity: { system: { 'the code': 'a' }, machine: MACHINE },
    night: 'night',
    mixed: false,
    say: (line) => said.push(line),
    signal,
  });
}

/** Asks for runs, each by a performer of its own. */
function ask(queued: QueuedRuns, plan: Plan, isAsked: (index: number) => boolean) {
  const jobs = (plan.jobs['master-kill'] ?? []).filter(({ index }) => isAsked(index));
  return jobs.map(({ index, phaseShare }) => {
    const performer = queued.hire(plan);
    const run = { scenario: 'master-kill', index, attempt: 1 };
    return {
      run,
      phaseShare,
      performer,
      performed: performer.perform({ run, phaseShare, file: '', atMs: 0 }, () => {}),
    };
  });
}

withRedis(
  'a worker is killed with -9 in the middle: each run has one verdict, with the phase of its seed, and the next worker removes its folder',
  async (t) => {
    t.timeout(120_000);
    await using redis = await startRedis(here ?? '');
    const plan = await nightFolder(t);
    const said: string[] = [];
    const [one, other] = [startWorker(t, redis.url), startWorker(t, redis.url)];
    // One that begins only after the other's death would remove its folder at once.
    await Promise.all([begun(one), begun(other)]);
    await using queued = await open(redis.url, said);
    const asked = ask(queued, plan, (index) => index < RUNS);
    await one.untilDone(8);
    one.child.kill('SIGKILL');
    await once(one.child, 'exit');
    const performed = await Promise.all(asked.map((each) => each.performed));
    t.true(performed.every((each) => 'outcome' in each));
    t.true(other.done.length < RUNS - 1, 'both had their share');
    t.is((await foldersOf(one)).length, 1);
    other.child.kill('SIGKILL');
    startWorker(t, redis.url);
    await Promise.all(ask(queued, plan, (index) => index === RUNS).map((last) => last.performed));
    t.deepEqual([...(await foldersOf(one)), ...(await foldersOf(other))], []);
    t.regex(said.join('\n'), /its worker has gone, another one repeats it/);
    for (const { run, phaseShare } of asked) {
      const verdict = await readVerdict(join(plan.folder, runFolder(run)));
      t.is(verdict?.index, run.index);
      t.true(verdict?.reason?.startsWith(`fault at ${phaseShare}, `), verdict?.reason);
    }
    t.false(said.join('\n').includes(PASSWORD));
  },
);

withRedis(
  'what is interrupted withdraws its waiting runs; what a worker was at is there when it goes on',
  async (t) => {
    t.timeout(120_000);
    await using redis = await startRedis(here ?? '');
    const plan = await nightFolder(t);
    const worker = startWorker(t, redis.url, 'a', 2000);
    {
      await using queued = await open(redis.url, []);
      const asked = ask(queued, plan, (index) => index <= 10);
      await using server = await QueueServer.open(parseQueueUrl(redis.url));
      const active = async () => {
        const lists = await server.redis.keys(`${PREFIX}:runs-*:active`);
        return lists.length > 0 ? server.redis.llen(lists[0] ?? '') : 0;
      };
      while ((await active()) < 2) await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(asked.map(({ performer }) => performer[Symbol.asyncDispose]()));
      const performed = await Promise.all(asked.map((each) => each.performed));
      t.true(performed.every((each) => 'failed' in each));
      t.deepEqual(await server.redis.keys(`${PREFIX}:runs-*:wait`), []);
    }
    await worker.untilDone(2);
    await using queued = await open(redis.url, []);
    const [...first] = worker.done;
    const again = await Promise.all(
      ask(queued, plan, (index) => first.includes(index)).map((each) => each.performed),
    );
    t.true(again.every((each) => 'outcome' in each));
    t.deepEqual(worker.done, first, 'no run was performed twice');
    t.is(first.length, 2, 'the others were withdrawn');
  },
);

withRedis('a worker with another system gets no run, and is named', async (t) => {
  t.timeout(60_000);
  await using redis = await startRedis(here ?? '');
  startWorker(t, redis.url, 'b');
  const given = new AbortController();
  const told = Promise.withResolvers<string>();
  const said = { push: (line: string) => line.includes('differs') && told.resolve(line) };
  const opened = open(redis.url, said as unknown as string[], given.signal);
  t.regex(await told.promise, /^no worker serves redis:\/\/127\.0\.0\.1:\d+\/0 .*differs in the code$/);
  given.abort();
  await t.throwsAsync(opened, { name: 'AbortError' });
});

withRedis(
  'a queue that is not there, or refuses, is reported in one sentence without the password',
  async (t) => {
    await using redis = await startRedis(here ?? '');
    for (const [url, why] of [
      [redis.url.replace(PASSWORD, `${PASSWORD}-wrong`), /refuses .*the user or the password is wrong/],
      [redis.url.replace(`:${PASSWORD}@`, ''), /refuses .*it asks for a password/],
      [`${redis.url}/99`, /refuses .*out of range/],
      ['redis://127.0.0.1:1', /does not answer .*ECONNREFUSED/],
    ] as const) {
      const error = await t.throwsAsync(QueueServer.open(parseQueueUrl(url)), {
        instanceOf: EnvironmentFailed,
      });
      t.regex(error?.message ?? '', why);
      t.regex(error?.message ?? '', /^The queue redis:\/\/127\.0\.0\.1:\d+\/\d+ /);
      t.false(error?.message.includes(PASSWORD));
    }
  },
);
