/**
 * The testbed's own code, bundled: one file in the place of ten, without types that Node must strip. `setup` makes the
 * bundles. They serve until a file that they were made of has changed, or one has been added where files are found by
 * their folder; then the code is loaded from its sources.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { COMPILE_CACHE, PACKED, PROJECT_ROOT } from '../project.ts';
import { keptLibraries, putInPlace, removeUnused, SOURCES } from './kept.ts';
import { areUnchanged, type Sources, sourcesOf } from './sources.ts';
import { TABLE } from './tables.ts';

/** How that is bundled, and loaded. */
const MADE_BY = ['bundle-code', 'bundle-whole', 'whole'].map((name) => `harness/imports/${name}.ts`);

/** What a checkout has bundled. */
interface Kept {
  readonly folder: string;
  /** The libraries that its code leads to. */
  readonly libraries: string;
  readonly sources: Sources;
}

/** The folder of the bundles; undefined where there are none of the sources as they are. */
export function keptCode(libraries: string | undefined, cache: string = COMPILE_CACHE): string | undefined {
  // Tests keep scenarios elsewhere, which import what they like.
  if (PACKED || libraries === undefined || process.env.AMPHORA_TESTBED_SCENARIOS) return undefined;
  try {
    const kept = JSON.parse(readFileSync(keptFile(cache), 'utf8')) as Kept;
    const isWhole = kept.libraries === libraries && areUnchanged(kept.sources) && existsSync(kept.folder);
    return isWhole ? kept.folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Bundles the code, unless that is done already.
 *
 * @returns whether it did
 * @throws where the folder cannot be written, or there are no bundles of libraries
 */
export async function keepCode(cache: string = COMPILE_CACHE): Promise<boolean> {
  const libraries = keptLibraries(cache);
  if (PACKED || libraries === undefined || keptCode(libraries, cache)) return false;
  const { bundleCode, FOUND_BY_FOLDER } = await import('./bundle-code.ts');
  const root = join(cache, 'code');
  await mkdir(root, { recursive: true });
  const made = await mkdtemp(join(root, 'made-'));
  try {
    const bundled = await bundleCode(libraries, made);
    const inputs = [...bundled.inputs, ...MADE_BY, relative(PROJECT_ROOT, join(libraries, SOURCES))];
    const sources = sourcesOf([...inputs, ...FOUND_BY_FOLDER]);
    await writeFile(join(made, 'package.json'), '{ "type": "module" }');
    await writeFile(join(made, TABLE), JSON.stringify(bundled.files));
    const hash = createHash('sha256').update(`${PROJECT_ROOT}\n${libraries}\n`);
    for (const path of inputs) hash.update(readFileSync(join(PROJECT_ROOT, path)));
    const folder = join(root, hash.digest('hex').slice(0, 16));
    await putInPlace(made, folder);
    const kept: Kept = { folder, libraries, sources };
    const partial = join(root, `${process.pid}.json`);
    await writeFile(partial, JSON.stringify(kept));
    await rename(partial, keptFile(cache));
    await removeUnused(root, folder);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return true;
}

/** Checkouts that share their node_modules have their own. */
function keptFile(cache: string): string {
  const name = createHash('sha256').update(PROJECT_ROOT).digest('hex').slice(0, 16);
  return join(cache, 'code', `of-${name}.json`);
}
