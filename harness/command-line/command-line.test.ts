import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { PrivateEngineFailed, privateEngine } from '../lab/engine/private-engine.ts';
import { PROJECT_ROOT } from '../project.ts';
import { catalogue } from '../scenario/catalogue.ts';
import { EXIT, explain } from './errors.ts';
import { withFailures } from './failure-table.ts';

const BIN = join(PROJECT_ROOT, 'harness/command-line/amphora-testbed.mjs');
const COLUMNS = 80;
// Serial, as each starts a process: all at once would time out on a busy machine.
const run = (args: readonly string[], env: Record<string, string> = {}) =>
  execa(process.execPath, [BIN, ...args], { cwd: tmpdir(), env, reject: false, timeout: 60_000 });

test('npm resolves what a user names from where the user stands', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-from-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await copyFile(join(PROJECT_ROOT, 'examples/load-balancer.json'), join(folder, 'mine.json'));
  const args = ['--load-balancer', 'mine.json', '--out', 'out'];
  // As npm does it: in the package's folder, with the user's in INIT_CWD (npm-run(1)).
  const { exitCode, stderr } = await execa(process.execPath, [BIN, 'render', ...args], {
    cwd: PROJECT_ROOT,
    env: { INIT_CWD: folder },
    reject: false,
  });
  t.is(exitCode, 0, stderr);
  t.is((await readdir(join(folder, 'out'))).length, 2);
});

for (const state of ['/proc/state', `${BIN}/state`, 'not/absolute']) {
  test(`AMPHORA_TESTBED_STATE=${state} ends with 3 and one sentence`, async (t) => {
    t.throws(() => privateEngine(state).prepare(), {
      instanceOf: PrivateEngineFailed,
      message: /^AMPHORA_TESTBED_STATE takes an absolute path of a folder that can be made; found "/,
    });
    t.is(explain(new PrivateEngineFailed('x')).code, EXIT.environment);
  });
}

/** What is named and is not there, or cannot be made. */
const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
  [
    ['nightly', '--reports', '/proc/reports'],
    /^--reports takes a folder that can be made; found "\/proc\/reports"/,
  ],
  [
    ['nightly', '--reports', `${BIN}/reports`],
    /^--reports takes a folder that can be made; found ".* \(ENOTDIR\)/,
  ],
  [['nightly', '--resume', '/absent'], /^\/absent holds no night/],
  [['report', '/absent'], /^\/absent holds no result/],
  [['history', '--history', '/absent/history.db'], /^--history takes a file of results; there is none at/],
  [['history', '--import', '/absent'], /^--import: \/absent cannot be read \(ENOENT\)/],
  [
    ['scenario', 'master-kil'],
    /^There is no scenario "master-kil"; the nearest is master-kill, and --list shows all/,
  ],
  [
    ['scenario', 'master-kill', '--runs', '0'],
    /option '--runs <n>' argument '0' is invalid. It must be a whole number/,
  ],
  [['worker'], /^--queue is missing: it takes redis:\/\/HOST:PORT\/DB/],
  [
    ['nightly', '--queue', 'redis://:hush@queue:x'],
    /^--queue takes redis:\/\/HOST:PORT\/DB, or rediss:\/\/ for TLS; found "…@queue:x"\.$/,
  ],
  [
    ['scenario', 'master-kill', '--queue', 'redis://queue', '--keep'],
    /^--keep cannot be combined with --queue: the labs belong to the workers\.$/,
  ],
  [['scenario', 'master-kill', 'cable-cut', '--watch'], /^--watch takes one scenario; found 2: /],
  [
    ['scenario', 'master-kill', '--watch', '--runs', '3'],
    /option '--watch' cannot be used with option '--runs <n>'/,
  ],
  [['explore', '--minutes', '5'], /^--minutes has a new name: write --budget 5m\.$/],
  [['bench', '--matrix', 'release=bookworm'], /--matrix needs two combinations/],
  [['bench', '--matrix', 'release=bookworm,sid', '--a', 'ref=HEAD'], /Give either --matrix or --a and --b/],
  [
    ['bench', '--a', 'ref=HEAD', '--b', 'ref=HEAD', '--scenario', 'master-kil'],
    /no scenario "master-kil"; the nearest is master-kill/,
  ],
  [
    ['bench', 'cost', '--ways', 'singel'],
    /^--ways: there is no "singel"; the nearest is single, and there are single, parallel, reuse/,
  ],
  [['bench', 'latency', '--seconds', '10'], /^--seconds has a new name: write --budget 10s\.$/],
  [['lab', 'bench', '--at-once', '3'], /^--at-once has a new name: write --parallel 3\.$/],
  [['lab', 'up', '--set', 'advert=2'], /^--set: there is no parameter "advert"; the nearest is advert_int/],
  [
    ['nightly', '--budget', '90'],
    /option '--budget <time>' argument '90' is invalid. It must be a time from 1ms to 500h/,
  ],
  [
    ['predict', '--slo', '0.1ms'],
    /option '--slo <time>' argument '0.1ms' is invalid. It must be a time from 1ms to 500h/,
  ],
  [['predict', '--keepalived', 'new'], /argument 'new' is invalid. It must be a version of keepalived/],
  [['scenario', 'master-kill', '--image', 'mine:1'], /--image has a new name: write --with image=mine:1/],
  [
    ['scenario', 'master-kill', '--with', 'octavia=trixi'],
    /--with: octavia takes own, bookworm, trixie .*found "trixi", the nearest is trixie/,
  ],
  [
    ['scenario', 'master-kill', '--with', 'octavi=own'],
    /--with: there is no "octavi"; the nearest is octavia/,
  ],
  [
    ['lab', 'up', '--with', 'octavia=bookworm,release=sid'],
    /octavia=bookworm cannot be combined with release=sid/,
  ],
  [
    ['nightly', '--with', 'keepalived=./no-such.deb'],
    /keepalived takes a path; there is nothing at ".\/no-such.deb"/,
  ],
  [['explore', '--with', 'image=mine:1,release=sid'], /image cannot be combined with release/],
  [
    ['mutate', '--with', 'octavia=./docs'],
    /octavia takes a git checkout of Octavia; there is none at ".\/docs"/,
  ],
];
for (const [args, says] of REFUSED) {
  test.serial(`amphora-testbed ${args.join(' ')} ends with 2 and one sentence`, async (t) => {
    const { exitCode, stderr } = await run(args);
    t.is(exitCode, 2, stderr);
    t.is(stderr.trim().split('\n').length, 1, stderr);
    t.regex(stderr.replace(/^error: /, ''), says);
  });
}

for (const args of [
  ['scenario', 'master-kill', '--set', 'advert_itn=2'],
  ['nightly', 'master-kill', '--set', 'advert_itn=2'],
  ['nightly', '--with', 'octavia=trixi'],
  ['explore', '--with', 'octavia=trixi'],
  ['mutate', '--with', 'octavia=trixi'],
  ['bench', '--a', 'advert_itn=1', '--b', 'advert_int=2'],
]) {
  test.serial(`amphora-testbed ${args.join(' ')} leaves no report`, async (t) => {
    const reports = await mkdtemp(join(tmpdir(), 'amphora-testbed-refused-'));
    t.teardown(() => rm(reports, { recursive: true }));
    const { exitCode, stderr } = await run([...args, '--reports', reports]);
    t.is(exitCode, 2, stderr);
    const left = await readdir(reports, { withFileTypes: true });
    t.deepEqual(
      left.filter((each) => each.isDirectory()).map(({ name }) => name),
      [],
    );
  });
}

test.serial('predict tells what a version of keepalived costs', async (t) => {
  const hangs = async (...args: string[]) =>
    /HAProxy hangs +│ (.*?) +│/.exec((await run(['predict', ...args])).stdout)?.[1];
  t.is(await hangs(), '10.6 s to 15.6 s');
  t.is(await hangs('--keepalived', '2.3.3'), '15.6 s to 20.6 s');
  t.is(await hangs('--keepalived', '2.3'), '10.6 s to 20.6 s');
});

test.serial('the bin works from another working directory, in 80 columns, without colours', async (t) => {
  const { stdout, exitCode } = await run(['--help'], { NO_COLOR: '1' });
  t.is(exitCode, 0);
  t.false(stdout.includes('\u001b'), stdout);
  for (const group of ['Set up:', 'Measure:', 'Compare:', 'Look inside:', 'For developers of the testbed:'])
    t.true(stdout.includes(`\n${group}\n`), group);
  for (const line of stdout.split('\n')) t.true(line.length <= COLUMNS, line);
});

test.serial('--version prints the version of the package', async (t) => {
  const { version } = JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'));
  const { stdout, exitCode } = await run(['--version']);
  t.deepEqual({ stdout, exitCode }, { stdout: version, exitCode: 0 });
});

test.serial('a mistyped command is answered with the nearest one', async (t) => {
  const { exitCode, stderr } = await run(['scenaro']);
  t.is(exitCode, 2);
  t.regex(stderr, /Did you mean scenario\?/);
});

let completion: ReturnType<typeof run> | undefined;
for (const [typed, reply] of [
  [['la'], ['lab']],
  [
    ['lab', 'u'],
    ['up', 'ui'],
  ],
  [['scenario', 'master-ki'], ['master-kill']],
  [['scenario', '--set', 'advert'], ['advert_int=']],
  [['scenario', '--para'], ['--parallel']],
  [['scenario', '--explain', 'port-f'], ['port-flap']],
  [['bench', 'acc'], ['accuracy']],
  [['bench', 'latency', '--bud'], ['--budget']],
  [['bench', 'ab', '--scenario', 'master-ki'], ['master-kill']],
  [['explore', '--min'], ['']],
  [['mutate', '--mutation', 'advertisements-'], ['advertisements-slow']],
  [['lab', 'exec', 'rou'], ['router']],
  [['torture', 'inter'], ['interrupt']],
  [['render', '--profile', 'ro'], ['rocky']],
  [['completion', 'z'], ['zsh']],
] as const) {
  test.serial(`Tab after "${typed.join(' ')}" gives ${reply.join(' ')}`, async (t) => {
    completion ??= run(['completion', 'bash']);
    const { stdout: script } = await completion;
    const words = ['amphora-testbed', ...typed].map((word) => `'${word}'`).join(' ');
    const { stdout } = await execa('bash', [
      '-c',
      `${script}\nCOMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _amphora_testbed; echo "\${COMPREPLY[*]}"`,
    ]);
    t.deepEqual(stdout.trim().split(' '), [...reply]);
  });
}

test.serial('docs/reference.md is what the commands, parameters and schemas give', async (t) => {
  const { stdout } = await run(['reference']);
  const file = await readFile(join(PROJECT_ROOT, 'docs/reference.md'), 'utf8');
  t.is(file.trimEnd(), stdout.trimEnd(), 'make it again: npm run reference -- --write');
});

test("the README's table of failures is what the stories measured", async (t) => {
  const readme = await readFile(join(PROJECT_ROOT, 'README.md'), 'utf8');
  const { scenarios } = await catalogue();
  t.is(readme, withFailures(readme, scenarios), 'make it again: npm run reference -- --write');
  t.true(/\| `haproxy-hang` +\|/.test(readme));
});

test('SECURITY.md names tests that exist', async (t) => {
  const text = await readFile(join(PROJECT_ROOT, 'SECURITY.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (.+?) +\| .+? \| `(.+?)`, "(.+?)" +\|$/gm)];
  t.true(rows.length >= 20, `${rows.length} rows`);
  for (const [, attempt, file = '', title = ''] of rows) {
    const source = await readFile(join(PROJECT_ROOT, file), 'utf8');
    t.true(source.includes(title), `${attempt}: ${file} has no test "${title}"`);
  }
});

for (const [variable, value] of [
  ['DOCKER_HOST', 'nonsense'],
  ['DOCKER_HOST', 'tcp://127.0.0.1:1'],
  ['DOCKER_HOST', 'unix:///\u0001'],
  ['DOCKER_HOST', 'ssh://'],
  ['DOCKER_HOST', 'http://[::1'],
] as const) {
  test.serial(`${variable}=${JSON.stringify(value)} ends with 3 and one sentence`, async (t) => {
    const { exitCode, stderr, timedOut } = await run(['prune'], { [variable]: value });
    t.false(timedOut);
    t.is(exitCode, 3, stderr);
    t.is(stderr.trim().split('\n').length, 1, stderr);
    t.notRegex(stderr, /\n\s+at /);
  });
}
