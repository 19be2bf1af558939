/** `prepack.ts`: makes dist/, the compiled copy of this checkout that the npm package holds. */
import { cp, glob, mkdir, mkdtempDisposable, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { bundleLibraries, packageOf } from '../imports/bundle.ts';
import { bundle, bundleFile, PROGRAMS } from '../lab/images/bundle.ts';
import { PROJECT_ROOT } from '../project.ts';
import { replaceFiles } from './replace.ts';
import { asTypedInPackage } from './typed.ts';
import { finishTypes } from './types.ts';

const CACHE = join(PROJECT_ROOT, 'node_modules/.cache');
await mkdir(CACHE, { recursive: true });
/** Made apart, as another `npm pack` may be reading dist/. */
await using made = await mkdtempDisposable(join(CACHE, 'dist-'));
const DIST = made.path;
/** What code reads by its path. */
const DATA = ['images', 'harness/**/*.{css,py}', 'harness/live/browser', 'harness/report/content/example'];
/** Compiled code of the testbed. */
const CODE = '{src,harness,scenarios}/**/*.js';
/** Commands that work on the testbed's own sources. */
const OF_THE_REPOSITORY = ['golden', 'reference', 'stock', 'test'];
/** Not bundled: they load files of their own, their types are part of the testbed's, or they are needed to pack only. */
const APART = ['ava', 'playwright-core', 'zod', 'esbuild'];

for (const configuration of ['tsconfig.json', 'types.tsconfig.json']) {
  await execa('tsc', ['--project', join(import.meta.dirname, configuration), '--outDir', DIST], {
    cwd: PROJECT_ROOT,
    stdout: ['pipe', 'inherit'],
    preferLocal: true,
  });
}
for (const command of OF_THE_REPOSITORY) await rm(join(DIST, `harness/command-line/commands/${command}.js`));
for await (const path of glob(DATA, { cwd: PROJECT_ROOT })) {
  await mkdir(dirname(join(DIST, path)), { recursive: true });
  await cp(join(PROJECT_ROOT, path), join(DIST, path), { recursive: true });
}
await finishTypes(DIST, APART);
await bundleInto(join(DIST, 'node_modules'));
for (const program of PROGRAMS) await writeFile(bundleFile(DIST, program), await bundle(program));
for await (const path of glob(CODE, { cwd: DIST })) {
  const file = join(DIST, path);
  await writeFile(file, asTypedInPackage(await readFile(file, 'utf8')));
}
const { name, version, type } = JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'));
await writeFile(join(DIST, 'package.json'), `${JSON.stringify({ name, version, type }, undefined, 2)}\n`);
await replaceFiles(join(PROJECT_ROOT, 'dist'), DIST);

/**
 * Bundles the libraries that the compiled code imports into a folder of node_modules, so that an installation gets nothing
 * that is deprecated, runs a script or asks for another Node.
 */
async function bundleInto(modules: string): Promise<void> {
  const { files } = await bundleLibraries(
    { folder: PROJECT_ROOT, codeFolder: DIST, code: CODE, apart: APART },
    modules,
  );
  for (const name of new Set(Object.keys(files).map(packageOf))) {
    const exports = Object.fromEntries(
      Object.keys(files)
        .filter((path) => packageOf(path) === name)
        .map((path) => [`.${path.slice(name.length)}`, `.${path.slice(name.length)}/index.js`]),
    );
    await writeFile(
      join(modules, name, 'package.json'),
      `${JSON.stringify({ name, type: 'module', exports }, undefined, 2)}\n`,
    );
  }
}
