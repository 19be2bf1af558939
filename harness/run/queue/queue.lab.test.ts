import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { median } from 'simple-statistics';
import { codeFile } from '../../project.ts';
import { readResult } from '../../result/result.ts';
import { phaseShares } from '../../scenario/phases.ts';
import { eachLine } from '../../streams/lines.ts';
import { PASSWORD, redisHere, startRedis } from './redis.fixture.ts';

const MAIN = codeFile('harness/command-line/main');
const RUNS = 4;
const SEED = 7;

/** The `worker` command; `passed` resolves with its first run. */
function startWorker(t: ExecutionContext, url: string) {
  const child = execa(process.execPath, [MAIN, 'worker', '--queue', url, '--parallel', '1'], {
    reject: false,
    buffer: false,
  });
  const passed = Promise.withResolvers<void>();
  eachLine(child.stderr, (line) => {
    t.log(line);
    if (line.startsWith('master-kill run ')) passed.resolve();
  });
  t.teardown(() => child.kill('SIGKILL'));
  return { child, passed: passed.promise };
}

const name = redisHere();
const title = 'of two workers one is killed with -9: the result has each run once, as one machine has';
if (name === undefined) test.skip(`${title} (there is no redis-server or valkey-server here)`, () => {});
else
  test(title, async (t) => {
    t.timeout(240_000);
    await using redis = await startRedis(name);
    const reports = await mkdtemp(join(tmpdir(), 'amphora-testbed-queue-'));
    t.teardown(() => rm(reports, { recursive: true }));
    const [one] = [startWorker(t, redis.url), startWorker(t, redis.url)];
    const asked = ['master-kill', '--runs', `${RUNS}`, '--seed', `${SEED}`, '--queue', redis.url];
    const night = execa(process.execPath, [MAIN, 'scenario', ...asked, '--reports', reports], {
      reject: false,
    });
    await one.passed;
    one.child.kill('SIGKILL');
    const { exitCode, stderr, stdout } = await night;
    t.is(exitCode, 0, stderr);
    t.regex(stderr, /its worker has gone, another one repeats it/);
    t.false(`${stderr}${stdout}`.includes(PASSWORD));
    const [id = ''] = (await readdir(reports)).filter((entry) => entry !== 'latest');
    const result = await readResult(join(reports, id));
    t.false(JSON.stringify(result).includes(PASSWORD));
    const [{ runs } = { runs: [] }] = result.scenarios;
    const judged = runs.filter(({ status }) => status === 'passed' || status === 'failed');
    t.deepEqual(
      judged.map(({ index }) => index),
      Array.from({ length: RUNS }, (_, n) => n + 1),
    );
    const shares = phaseShares(RUNS, SEED);
    // A busy machine is late now and then, not with most.
    const lateMs = judged.map(({ index, metrics }) =>
      Math.abs((metrics.advertPhase ?? Number.NaN) - (shares[index - 1] ?? 0) * 1000),
    );
    t.true(median(lateMs) < 100, `off the planned phases by ${lateMs.join(', ')} ms`);
  });
