import { appendFile, cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import anyTest, { type TestFn } from 'ava';
import { execa } from 'execa';
import { PROJECT_ROOT } from '../project.ts';
import { keepLibraries, keptLibraries } from './kept.ts';
import { charactersLate } from './plugins.ts';

const test = anyTest as TestFn<{ readonly cache: string; readonly folder: string }>;

test.before('the libraries are bundled', async (t) => {
  t.timeout(120_000);
  const cache = await mkdtemp(join(tmpdir(), 'amphora-testbed-imports-'));
  t.true(await keepLibraries(cache));
  const folder = keptLibraries(cache);
  t.context = { cache, folder: folder ?? '' };
  t.is((await readdir(join(cache, 'libraries'))).length, 1, 'nothing else is left');
});

test.after.always((t) => rm(t.context.cache, { recursive: true, force: true }));

/** A checkout with as little as is needed: its own copy of this folder, and what npm installed here. */
async function checkout(t: { readonly context: { readonly folder: string } }) {
  const root = await mkdtemp(join(tmpdir(), 'amphora-testbed-checkout-'));
  await cp(join(PROJECT_ROOT, 'package.json'), join(root, 'package.json'));
  for (const path of ['harness/imports', 'harness/project.ts'])
    await cp(join(PROJECT_ROOT, path), join(root, path), { recursive: true });
  return {
    root,
    write: (path: string, text: string) => writeFile(join(root, 'harness', path), text),
    /** What a file prints in a process that loads its libraries from the bundles. */
    async printed(path: string, folder: string = t.context.folder) {
      const use = pathToFileURL(join(root, 'harness/imports/use.ts')).href;
      const bundles = new URLSearchParams({ libraries: folder });
      const argv = ['--import', `${use}?${bundles}`, join(root, 'harness', path)];
      return (await execa(process.execPath, argv, { env: { NODE_NO_WARNINGS: '1' } })).stdout;
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

test('a library comes out of its bundle, and two that need the same have one of it', async (t) => {
  await using here = await checkout(t);
  await here.write(
    'main.ts',
    `import Docker from 'dockerode';
     import { z } from 'zod';
     import { GenericContainer } from 'testcontainers';
     const at = ['dockerode', 'zod'].map((name) => import.meta.resolve(name));
     console.log(JSON.stringify([at, typeof Docker, z.string().parse('parsed'), typeof GenericContainer]));`,
  );
  const folder = pathToFileURL(t.context.folder).href;
  t.deepEqual(JSON.parse(await here.printed('main.ts')), [
    [`${folder}/own/dockerode/index.js`, `${folder}/own/zod/index.js`],
    ...['function', 'parsed', 'function'],
  ]);
});

test('a source that has changed is another one in the next process', async (t) => {
  await using here = await checkout(t);
  await here.write('main.ts', "import { word } from './word.ts';\nconsole.log(word);");
  for (const word of ['one', 'two']) {
    await here.write('word.ts', `export const word: string = '${word}';`);
    t.is(await here.printed('main.ts'), word);
  }
});

test('what measures the width of texts does so out of its bundle, and makes what knows all characters late', async (t) => {
  const library = await readFile(
    join(PROJECT_ROOT, 'node_modules/wrap-ansi/node_modules/string-width/index.js'),
    'utf8',
  );
  const late = charactersLate(library);
  t.regex(late, /this\.made \?\?= new Intl\.Segmenter/);
  t.regex(late, /this\.made \?\?= \/\^\\p\{RGI_Emoji\}/);
  await using here = await checkout(t);
  await here.write(
    'main.ts',
    `import wrapAnsi from 'wrap-ansi';
     console.log(JSON.stringify(wrapAnsi('👩‍👩‍👧 日本 plain', 5, { hard: true }).split('\\n')));`,
  );
  t.deepEqual(JSON.parse(await here.printed('main.ts')), ['👩‍👩‍👧', '日本', 'plain']);
});

test('what npm installs anew makes the bundles void', async (t) => {
  const { cache, folder } = t.context;
  t.is(keptLibraries(cache), folder);
  await using here = await checkout(t);
  await here.write(
    'main.ts',
    `import { keptLibraries } from './imports/kept.ts';
    console.log(keptLibraries(${JSON.stringify(cache)}));`,
  );
  const installed = join(here.root, 'node_modules/.package-lock.json');
  await cp(join(PROJECT_ROOT, 'node_modules/.package-lock.json'), installed, { recursive: true });
  t.is(await here.printed('main.ts'), folder, 'a checkout with the same libraries shares them');
  await appendFile(installed, ' ');
  t.is(await here.printed('main.ts'), 'undefined');
});

test('without the folder of the bundles, or with a broken one, libraries are those of npm', async (t) => {
  await using here = await checkout(t);
  await cp(join(PROJECT_ROOT, 'node_modules/zod'), join(here.root, 'node_modules/zod'), { recursive: true });
  await here.write('main.ts', "import 'zod';\nconsole.log(import.meta.resolve('zod'));");
  const broken = await mkdtemp(join(here.root, 'broken-'));
  await writeFile(join(broken, 'table.json'), '{');
  for (const folder of [broken, join(here.root, 'gone'), ''])
    t.regex(await here.printed('main.ts', folder), /node_modules\/zod\/index\.js$/);
});

test('a cache that cannot be written is said, and costs nothing else', async (t) => {
  const file = join(t.context.cache, 'a file');
  await writeFile(file, '');
  t.is(keptLibraries(file), undefined);
  await t.throwsAsync(keepLibraries(file), { code: 'ENOTDIR' });
});

/** Prints the modules that a process has loaded, at its end. */
const SPY = `import { isBuiltin, registerHooks } from 'node:module';
const [urls, names] = [[], []];
registerHooks({
  load(url, context, next) { urls.push(url); return next(url, context); },
  resolve(name, context, next) {
    if (/^[@\\w-]+$/.test(name) && !isBuiltin(name)) names.push(name);
    return next(name, context);
  },
});
process.on('exit', () => console.log(JSON.stringify({ urls, names })));`;

test('AVA comes out of its bundle, with all that it loads', async (t) => {
  const { folder } = t.context;
  const use = `${pathToFileURL(join(import.meta.dirname, 'use.ts')).href}?${new URLSearchParams({ libraries: folder })}`;
  // Where npm installed it: to be asked for, it comes out of a bundle already.
  const ava = join(PROJECT_ROOT, 'node_modules/ava/entrypoints/cli.js');
  const spy = `data:text/javascript,${encodeURIComponent(SPY)}`;
  await using here = await checkout(t);
  await symlink(join(PROJECT_ROOT, 'node_modules'), join(here.root, 'node_modules'));
  await here.write('one.test.js', "import test from 'ava';\ntest('one', (t) => t.pass());\n");
  const argv = ['--import', use, '--import', spy, ava, '--tap', 'harness/one.test.js'];
  const { stdout } = await execa(process.execPath, argv, { cwd: here.root, env: { NODE_NO_WARNINGS: '1' } });
  t.regex(stdout, /^ok 1 - one$/m);
  const { urls, names } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, string[]>;
  t.deepEqual(names, [], 'nothing is asked for that is not bundled');
  t.true(urls?.includes(pathToFileURL(join(folder, 'ava/entrypoints/cli.js')).href));
  t.deepEqual(
    urls?.filter((url) => /\/node_modules\/(?!\.cache\/)/.test(url)),
    [],
  );
});
