/**
 * The libraries of a checkout, bundled: loading a thousand small files takes a process longer than all that it does before
 * a run. `setup` makes the bundles; they serve until npm has installed something else, and everything works without
 * them.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMPILE_CACHE, PACKED, PROJECT_ROOT } from '../project.ts';
import type { Bundled, Importer } from './bundle.ts';
import { areUnchanged, type Sources, sourcesOf } from './sources.ts';
import { type ImporterName, TABLE } from './tables.ts';

/** Libraries of the testbed that cannot be bundled. */
export const APART = ['ava', 'playwright-core', 'esbuild'];

/** Who imports: the testbed, and AVA, which starts with each command that runs scenarios. */
const IMPORTERS = {
  own: {
    folder: PROJECT_ROOT,
    code: '{src,harness}/**/*.ts',
    apart: APART,
  },
  ava: {
    folder: join(PROJECT_ROOT, 'node_modules/ava'),
    code: ['entrypoints/cli.js', 'entrypoints/main.js', 'lib/worker/base.js'],
    apart: ['@vercel/nft'],
  },
} satisfies Readonly<Record<ImporterName, Importer>>;

/** What npm has installed (it writes the second at each installation), and how that is bundled. */
const INSTALLED = [
  'package.json',
  'node_modules/.package-lock.json',
  'harness/imports/bundle.ts',
  'harness/imports/kept.ts',
  'harness/imports/plugins.ts',
];
/** In the folder of the bundles, each file that they were made of. */
export const SOURCES = 'sources.json';
const UNUSED_MS = 30 * 24 * 3600_000;

/** The folder of the bundles; undefined where there are none of what is installed. */
export function keptLibraries(cache: string = COMPILE_CACHE): string | undefined {
  if (PACKED) return undefined;
  try {
    const folder = bundlesIn(cache);
    return existsSync(join(folder, TABLE)) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Bundles the libraries, unless that is done already and each of their files is as it was.
 *
 * @returns whether it did
 * @throws where the folder cannot be written
 */
export async function keepLibraries(cache: string = COMPILE_CACHE): Promise<boolean> {
  if (PACKED || isWhole(keptLibraries(cache))) return false;
  const { bundleLibraries } = await import('./bundle.ts');
  const [root, folder] = [join(cache, 'libraries'), bundlesIn(cache)];
  await mkdir(root, { recursive: true });
  const made = await mkdtemp(join(root, 'made-'));
  try {
    const bundled: [name: string, Bundled][] = [];
    for (const [name, importer] of Object.entries(IMPORTERS))
      bundled.push([name, await bundleLibraries(importer, join(made, name))]);
    const sources = sourcesOf([...new Set(bundled.flatMap(([, { inputs }]) => inputs))]);
    const table = Object.fromEntries(bundled.map(([name, { files }]) => [name, files]));
    // Node asks what kind of code it loads.
    await writeFile(join(made, 'package.json'), '{ "type": "module" }');
    await writeFile(join(made, SOURCES), JSON.stringify(sources));
    await writeFile(join(made, TABLE), JSON.stringify(table));
    // Another command may have made the same meanwhile, and use it.
    if (isWhole(keptLibraries(cache))) return false;
    await rm(folder, { recursive: true, force: true });
    await putInPlace(made, folder);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  await removeUnused(root, folder);
  return true;
}

/** Gives a folder its name, unless another command has made the same meanwhile. */
export async function putInPlace(made: string, folder: string): Promise<void> {
  await rename(made, folder).catch((error: NodeJS.ErrnoException) => {
    // rename(2) has both for a folder that holds something.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

/** Removes what nobody has made anew for a month; other checkouts with these node_modules may use the rest. */
export async function removeUnused(root: string, used: string): Promise<void> {
  for (const other of (await readdir(root)).map((name) => join(root, name))) {
    // What another command is making may have its name by now.
    const madeMs = (await stat(other).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (other !== used && Date.now() - madeMs > UNUSED_MS) await rm(other, { recursive: true, force: true });
  }
}

/** @throws where something is not there, such as what npm writes */
function bundlesIn(cache: string): string {
  const hash = createHash('sha256');
  for (const path of INSTALLED) hash.update(readFileSync(join(PROJECT_ROOT, path)));
  return join(cache, 'libraries', hash.digest('hex').slice(0, 16));
}

function isWhole(folder: string | undefined): boolean {
  if (folder === undefined) return false;
  try {
    return areUnchanged(JSON.parse(readFileSync(join(folder, SOURCES), 'utf8')) as Sources);
  } catch {
    return false;
  }
}
