import { appendFile, cp, glob, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import anyTest, { type TestFn } from 'ava';
import { execa } from 'execa';
import { PROJECT_ROOT } from '../project.ts';
import { keepLibraries } from './kept.ts';

const test = anyTest as TestFn<{ readonly cache: string }>;

test.before('the libraries are bundled', async (t) => {
  t.timeout(120_000);
  t.context = { cache: await mkdtemp(join(tmpdir(), 'amphora-testbed-code-')) };
  t.true(await keepLibraries(t.context.cache));
});

test.after.always((t) => rm(t.context.cache, { recursive: true, force: true }));

const SEEN = `const at = (path) => import.meta.resolve(new URL(path, ROOT).href);
console.log(JSON.stringify([at('harness/scenario/entry.ts'), at('harness/scenario/place.ts')]));`;

/** A checkout of its own, with the same libraries. */
async function checkout(cache: string) {
  const root = await mkdtemp(join(tmpdir(), 'amphora-testbed-checkout-'));
  for (const path of ['src', 'harness', 'scenarios', 'package.json'])
    await cp(join(PROJECT_ROOT, path), join(root, path), { recursive: true, preserveTimestamps: true });
  await symlink(join(PROJECT_ROOT, 'node_modules'), join(root, 'node_modules'));
  const url = pathToFileURL(`${root}/`).href;
  const script = async (text: string, args: readonly string[] = []) => {
    const argv = [...args, '--input-type=module', '--eval', `const ROOT = '${url}';\n${text}`];
    const { stdout } = await execa(process.execPath, argv, { cwd: root, env: { NODE_NO_WARNINGS: '1' } });
    return stdout;
  };
  const told = (call: string) =>
    script(`const { keepCode, keptCode } = await import(ROOT + 'harness/imports/kept-code.ts');
      const { keptLibraries } = await import(ROOT + 'harness/imports/kept.ts');
      const cache = ${JSON.stringify(cache)};
      console.log(${call});`);
  return {
    root,
    keep: () => told('await keepCode(cache)'),
    kept: () => told('keptCode(keptLibraries(cache), cache)'),
    libraries: () => told('keptLibraries(cache)'),
    /** Where a process that uses these bundles finds a file that code begins with, and another one. */
    async seen(bundles: Readonly<Record<string, string>>) {
      return JSON.parse(await this.printedBy(bundles, SEEN)) as [string, string];
    },
    /** What a script prints in a process that uses these bundles. */
    printedBy(bundles: Readonly<Record<string, string>>, text: string) {
      const use = `${url}harness/imports/use.ts?${new URLSearchParams(bundles)}`;
      return script(text, ['--import', use]);
    },
    /** What the command line prints with these bundles. */
    async printed(bundles: Readonly<Record<string, string>>, ...typed: string[]) {
      const use = `${url}harness/imports/use.ts?${new URLSearchParams(bundles)}`;
      const argv = ['--import', use, join(root, 'harness/command-line/invocation.ts'), ...typed];
      const { stdout } = await execa(process.execPath, argv, { cwd: root, env: { NODE_NO_WARNINGS: '1' } });
      return stdout;
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

test('code begins in its bundle, and does there what it does from its sources', async (t) => {
  t.timeout(120_000);
  await using here = await checkout(t.context.cache);
  t.is(await here.kept(), 'undefined');
  t.is(await here.keep(), 'true');
  t.is(await here.keep(), 'false', 'once is enough');
  const [code, libraries] = [await here.kept(), await here.libraries()];
  const [entry, other] = await here.seen({ libraries, code });
  t.is(entry, pathToFileURL(join(code, 'commands/harness/scenario/entry.js')).href);
  t.is(other, pathToFileURL(join(here.root, 'harness/scenario/place.ts')).href);
  for (const typed of [
    ['scenario', '--list'],
    ['scenario', '--explain', 'master-kill'],
    ['pair', 'check', '--help'],
  ])
    t.is(await here.printed({ libraries, code }, ...typed), await here.printed({}, ...typed));
});

test('a process that performs runs, and AVA’s, have bundles of what they load', async (t) => {
  t.timeout(120_000);
  await using here = await checkout(t.context.cache);
  await here.keep();
  const [code, libraries] = [await here.kept(), await here.libraries()];
  const runs = await here.seen({ libraries, code, kind: 'runs' });
  t.is(runs[0], pathToFileURL(join(code, 'runs/harness/scenario/entry.js')).href);
  const tests = await here.seen({ libraries, code, kind: 'tests' });
  t.is(tests[0], pathToFileURL(join(here.root, 'harness/scenario/entry.ts')).href);
  const filesOf = async (kind: string) =>
    (await Array.fromAsync(glob(`${kind}/**/*.js`, { cwd: code }))).length;
  t.is(await filesOf('tests'), 1);
  t.true((await filesOf('runs')) < (await filesOf('commands')) / 2);
});

test('a process that performs runs leaves what it compiled to the next one', async (t) => {
  t.timeout(120_000);
  await using here = await checkout(t.context.cache);
  await here.keep();
  const [code, libraries] = [await here.kept(), await here.libraries()];
  const compiled = join(code, 'runs/whole.js.compiled');
  /** What a process does that comes to the end of a run; the name that it loaded comes out of the script. */
  const run = () =>
    here.printedBy(
      { libraries, code, kind: 'runs' },
      `const { demands } = await import(ROOT + 'harness/scenario/entry.ts');
       const { keepCompiled } = await import(ROOT + 'harness/imports/compiled.ts');
       keepCompiled();
       console.log(demands.toString());`,
    );
  const first = await run();
  t.regex(first, /^(?:function|\()/);
  const { ino, size } = await stat(compiled);
  t.is(await run(), first);
  t.is((await stat(compiled)).ino, ino, 'the second one took it');
  await writeFile(compiled, 'broken');
  t.is(await run(), first, 'what V8 refuses costs time only');
  t.true((await stat(compiled)).size > size / 2, 'and is made anew');
});

test('a source that has changed makes the bundle void, and so does a new scenario or fault', async (t) => {
  t.timeout(120_000);
  await using here = await checkout(t.context.cache);
  await here.keep();
  const code = await here.kept();
  t.regex(code, /\/code\/[0-9a-f]+$/);
  await appendFile(join(here.root, 'harness/result/timings.ts'), '\n');
  t.is(await here.kept(), 'undefined');
  t.is(await here.keep(), 'true');
  t.not(await here.kept(), code, 'other sources are another bundle');
  for (const added of ['scenarios/mine.ts', 'harness/faults/mine.ts']) {
    await here.keep();
    t.not(await here.kept(), 'undefined');
    await writeFile(join(here.root, added), "import '../harness/scenario/scenario.ts';\n");
    t.is(await here.kept(), 'undefined', added);
    await rm(join(here.root, added));
  }
});

test('a checkout does not use the bundle of another, whose files lie elsewhere', async (t) => {
  t.timeout(120_000);
  await using one = await checkout(t.context.cache);
  await using other = await checkout(t.context.cache);
  await one.keep();
  t.is(await other.kept(), 'undefined');
  await Promise.all([other.keep(), other.keep()]);
  t.not(await other.kept(), await one.kept());
});

test('a bundle that has gone, or cannot be read, leaves the sources', async (t) => {
  t.timeout(120_000);
  await using here = await checkout(t.context.cache);
  await here.keep();
  const [code, libraries] = [await here.kept(), await here.libraries()];
  const source = pathToFileURL(join(here.root, 'harness/scenario/entry.ts')).href;
  await writeFile(join(code, 'table.json'), '{');
  t.deepEqual((await here.seen({ libraries, code }))[0], source);
  await rm(code, { recursive: true });
  t.is(await here.kept(), 'undefined');
  t.deepEqual((await here.seen({ libraries, code }))[0], source);
});
