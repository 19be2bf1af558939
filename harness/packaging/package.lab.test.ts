/** The npm package, as users have it: packed, installed under the npm that is here, and used from an empty folder. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { execa } from 'execa';
import { PROJECT_ROOT } from '../project.ts';
import { readResult } from '../result/result.ts';
import { eachLine } from '../streams/lines.ts';

const test = anyTest as TestFn<{ readonly scratch: string }>;
const MODULES = join(PROJECT_ROOT, 'node_modules');
const SCENARIO = `import { scenario, silentMaster } from 'amphora-testbed';

export default scenario('wire-cut', {
  title: 'the wire is cut',
  group: 'network',
  story: 'A story of the user.',
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const cut = await fault.cutPort(master);
    await expect.servedBy(backup, cut);
  },
});
`;

/** The Node and the npm of this system, rather than those that came with the dependencies. */
const env = {
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(MODULES))
    .join(delimiter),
  INIT_CWD: undefined,
  npm_lifecycle_event: undefined,
  npm_config_loglevel: 'warn',
};

test.before('it is packed and installed, and npm has nothing to warn of', async (t) => {
  t.timeout(280_000);
  const scratch = await mkdtemp(join(tmpdir(), 'amphora-testbed-package-'));
  t.context = { scratch };
  await execa('npm', ['pack', '--pack-destination', scratch], { cwd: PROJECT_ROOT });
  const [tarball = ''] = await readdir(scratch);
  t.regex(tarball, /^amphora-testbed-\d+\.\d+\.\d+\.tgz$/);
  const user = join(scratch, 'user');
  await mkdir(join(user, 'scenarios'), { recursive: true });
  // As `npm init` writes it.
  await writeFile(join(user, 'package.json'), '{ "name": "user", "type": "commonjs" }');
  await writeFile(join(user, 'scenarios/wire-cut.ts'), SCENARIO);
  const { stderr } = await execa('npm', ['install', '--prefer-offline', join(scratch, tarball)], {
    cwd: user,
    env,
  });
  t.notRegex(stderr, /warn/i);
});

test.after.always(async (t) => {
  const { scratch } = t.context as { readonly scratch?: string };
  if (scratch) await rm(scratch, { recursive: true, force: true });
});

function run({ scratch }: { readonly scratch: string }, ...args: readonly string[]) {
  const user = join(scratch, 'user');
  return execa(join(user, 'node_modules/.bin/amphora-testbed'), args, { cwd: user, env, reject: false });
}

test.serial("it says its version, its commands, and the user's scenarios beside its own", async (t) => {
  t.is((await run(t.context, '--version')).stdout, '1.0.0');
  const help = await run(t.context, '--help');
  t.regex(help.stdout, /amphora-testbed scenario master-kill/);
  t.notRegex(help.stdout, /npm run|golden/);
  const list = await run(t.context, 'scenario', '--list');
  t.regex(list.stdout, /^ {2}master-kill /m);
  t.regex(list.stdout, /^ {2}wire-cut /m);
  t.is(list.stderr, '');
});

test.serial("a user's scenario is checked against the package's types", async (t) => {
  const user = join(t.context.scratch, 'user');
  const check = () =>
    execa(
      join(MODULES, '.bin/tsc'),
      ['--noEmit', '--module', 'nodenext', '--strict', '--ignoreConfig', 'scenarios/wire-cut.ts'],
      { cwd: user, reject: false },
    );
  const sound = await check();
  t.is(sound.stdout, '');
  await writeFile(join(user, 'scenarios/wire-cut.ts'), SCENARIO.replace('cutPort', 'cutPorts'));
  t.regex((await check()).stdout, /wire-cut\.ts\(9,29\).*Did you mean 'cutPort'/);
  await writeFile(join(user, 'scenarios/wire-cut.ts'), SCENARIO);
});

test.serial('a scenario named as one of the testbed is refused with its file', async (t) => {
  const file = join(t.context.scratch, 'user/scenarios/master-kill.ts');
  await writeFile(file, SCENARIO);
  const { stderr } = await run(t.context, 'scenario', '--list');
  await rm(file);
  t.regex(stderr, /scenarios\/master-kill\.ts:1: the testbed has a scenario "master-kill" already/);
});

test.serial("what needs the testbed's own history is refused", async (t) => {
  const { exitCode, stderr } = await run(t.context, 'scenario', 'master-kill', '--with', 'ref=main');
  t.is(exitCode, 2);
  t.regex(stderr, /^ref takes a commit of the testbed; found "main" in the npm package/);
});

test.serial("it sets up and runs a user's scenario; reports lie in the user's folder", async (t) => {
  t.timeout(240_000);
  t.is((await run(t.context, 'setup')).exitCode, 0);
  const { exitCode, stderr } = await run(t.context, 'scenario', 'wire-cut');
  t.is(exitCode, 0, stderr);
  const result = await readResult(join(t.context.scratch, 'user/reports/latest'));
  t.is(result.scenarios[0]?.name, 'wire-cut');
  t.regex(result.command, /^amphora-testbed scenario wire-cut/);
});

test.serial('the run replays in a browser, with the files of the page', async (t) => {
  const user = join(t.context.scratch, 'user');
  const bin = join(user, 'node_modules/.bin/amphora-testbed');
  const ui = execa(bin, ['report', 'reports/latest', '--ui'], { cwd: user, env, reject: false });
  const told = Promise.withResolvers<string>();
  void eachLine(ui.stderr, (line) => {
    const [url] = /http:\S+/.exec(line) ?? [];
    if (url) told.resolve(url);
  }).then(() => told.reject(new Error('The command ended without an address.')));
  const url = await told.promise;
  const { headers } = await fetch(url, { redirect: 'manual' });
  const [cookie = ''] = headers.get('set-cookie')?.split(';') ?? [];
  for (const path of ['/', '/page.js', '/style.css', '/at?run=0&ms=0'])
    t.is((await fetch(new URL(path, url), { headers: { cookie } })).status, 200, path);
  ui.kill('SIGINT');
  t.is((await ui).exitCode, 130);
});
