import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { ourContainers } from '../../lab/engine/containers.ts';
import { findEngine } from '../../lab/engine/engine.ts';
import { LABEL, OWNER } from '../../lab/engine/labels.ts';
import { PROJECT_ROOT } from '../../project.ts';
import { readResult } from '../../result/result.ts';
import { eachLine } from '../../streams/lines.ts';

const MAIN = join(PROJECT_ROOT, 'harness/command-line/main.ts');
const cli = (...args: string[]) =>
  execa(process.execPath, [MAIN, ...args], { cwd: PROJECT_ROOT, reject: false });

/** Resolves when a container has been started; rejects when the command has ended before. */
async function started(events: NodeJS.ReadableStream, command: ReturnType<typeof cli>): Promise<void> {
  const over = command.then(({ stderr }) => {
    throw new Error(`It ended without a lab: ${stderr}`);
  });
  await Promise.race([once(events, 'data'), over]);
}

async function containers(): Promise<string[]> {
  return (await ourContainers(await findEngine())).map(({ Id }) => Id);
}

test.serial('one run is unharmed by another that is killed, and the killed one leaves nothing', async (t) => {
  t.timeout(180_000);
  const reports = await mkdtemp(join(tmpdir(), 'amphora-testbed-test-'));
  try {
    const before = new Set(await containers());
    const victim = cli('scenario', 'master-kill', '--reports', join(reports, 'victim'));
    // Its lab is there when the second container is.
    const engine = await findEngine();
    const events = await engine.docker.getEvents({
      filters: { type: ['container'], event: ['start'], label: [`${LABEL.owner}=${OWNER}`] },
    });
    await started(events, victim);
    const killed = (await containers()).filter((id) => !before.has(id));
    t.true(killed.length > 0, 'the victim has a lab');
    const survivor = cli('scenario', 'master-kill', '--json', '--reports', join(reports, 'survivor'));
    await started(events, survivor);
    (events as unknown as { destroy(): void }).destroy();
    victim.kill('SIGKILL');
    await victim;
    const { exitCode, stdout, stderr } = await survivor;
    t.is(exitCode, 0, stderr);
    const left = new Set(await containers());
    t.deepEqual(
      killed.filter((id) => left.has(id)),
      [],
    );

    const result = await readResult(join(reports, 'survivor', 'latest'));
    t.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(result)));
    const [run] = result.scenarios[0]?.runs ?? [];
    const names = ['advertPhase', 'detection', 'vipAdded', 'firstGarp', 'neighbourUpdate', 'firstSuccess'];
    for (const name of [...names, 'outage', 'lost', 'excess', 'uncertainty']) {
      t.is(typeof run?.metrics[name], 'number', name);
    }
    const { outage = 0, uncertainty = 0 } = run?.metrics ?? {};
    const bound = run?.predicted?.outage ?? { min: 0, max: 0 };
    t.true(
      outage > bound.min - uncertainty - 150 && outage < bound.max + uncertainty + 150,
      `${outage} against ${bound.min}`,
    );
    const phases = Object.values(run?.phases ?? {}).reduce((sum, phase) => sum + phase, 0);
    t.true(Math.abs(phases - outage) < 0.001, 'phases add up');
    const folder = join(reports, 'survivor', result.id);
    const files = await readdir(folder);
    for (const file of [
      'result.json',
      'report.html',
      'scenario.tap',
      'junit.xml',
      'samples.csv',
      'summary.md',
    ])
      t.true(files.includes(file), file);
    const verdicts = async () =>
      Promise.all(
        ['result.json', `${result.scenarios[0]?.name}/run-1/run.json`].map((file) =>
          readFile(join(folder, file), 'utf8'),
        ),
      );
    const first = await verdicts();
    await cli('report', folder);
    t.deepEqual(await verdicts(), first, 'judged again, a stored run gives the same bytes');
    const history = await readFile(join(folder, 'master-kill/run-1/observations.jsonl'), 'utf8');
    const [, askedNs = '0'] = /"kind":"request","atNs":"(\d+)"/.exec(history) ?? [];
    const beforeMs = Number(BigInt(run?.faultAt?.ns ?? 0) - BigInt(askedNs)) / 1e6;
    // An instant that a busy machine misses comes again an advertisement later.
    t.true(beforeMs % 1000 < 450, `clients ask from ${beforeMs} ms before the fault`);
    const capture = await readFile(join(folder, run?.artifacts.capture ?? ''));
    t.is(capture.readUInt32LE(0), 0x0a0d0d0a);
    t.true(capture.includes('fault: power loss (amphora-1)'), 'the capture names the fault');
    const journal = run?.artifacts.logs.find((log) => log.includes('amphora-2')) ?? '';
    t.regex(
      await readFile(join(folder, journal), 'utf8'),
      /Entering MASTER STATE/,
      'the journal goes on past the fault',
    );
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
      t.false(text.includes('PRIVATE KEY'), `${entry.name} holds a key`);
    }
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
});

for (const [args, code, sentence] of [
  [['scenario', 'master-kil'], 2, /^There is no scenario "master-kil"; the nearest is master-kill/],
  [['scenario', 'master-kill', '--set', 'advert_itn=2'], 2, /nearest is advert_int/],
  [['scenario', 'master-kill', '--runs', '0'], 2, /--runs.*whole number/],
  [['scenaro'], 2, /unknown command 'scenaro'/],
  [['lab', 'up', '--load-balancer', '/does/not/exist'], 2, /^\/does\/not\/exist: there is no such file/],
] as const) {
  test(`amphora-testbed ${args.join(' ')} ends with ${code} and one sentence`, async (t) => {
    const { exitCode, stderr } = await cli(...args);
    t.is(exitCode, code);
    t.regex(stderr, sentence);
    t.false(stderr.includes('    at '));
  });
}

test('an engine that does not answer ends with 3 and the command to run', async (t) => {
  const env = { DOCKER_HOST: 'unix:///does/not/exist.sock' };
  const { exitCode, stderr } = await execa(process.execPath, [MAIN, 'scenario', 'master-kill'], {
    env,
    reject: false,
  });
  t.is(exitCode, 3);
  t.regex(
    stderr,
    /^DOCKER_HOST is set but unix:\/\/\/does\/not\/exist\.sock does not answer .*npm run setup`\n?$/,
  );
});

test.serial(
  'what is watched is repeated until Ctrl-C, which ends it with a summary and its verdict',
  async (t) => {
    t.timeout(180_000);
    const reports = await mkdtemp(join(tmpdir(), 'amphora-testbed-test-'));
    t.teardown(() => rm(reports, { recursive: true }));
    const watched = cli('scenario', 'master-kill', '--watch', '--reuse', '--reports', reports);
    const twice = Promise.withResolvers<void>();
    eachLine(watched.stderr, (line) => {
      if (/^(?:passed|failed) master-kill run \d+: .*; 2 runs: median/.test(line)) twice.resolve();
    }).then(() => twice.reject(new Error('It ended before the second run.')));
    await twice.promise;
    watched.kill('SIGINT');
    const { exitCode, stdout, stderr } = await watched;
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /^master-kill: \d+ runs in \d+ s, 0 failed, \d+ invalid; outage median \d+ ms, p95 /);
    const { scenarios } = await readResult(join(reports, 'latest'));
    t.true((scenarios[0]?.summary.outage?.n ?? 0) >= 2);
  },
);
