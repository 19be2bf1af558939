import { glob, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Metafile, Plugin } from 'esbuild';
import { PROJECT_ROOT } from '../project.ts';
import { BUNDLE } from './bundle.ts';
import { type Begin, bundleWhole } from './bundle-whole.ts';
import { BUILT_IN, whereSourceLies } from './plugins.ts';
import { type Files, type ProcessKind, readTable } from './tables.ts';

/** Folders whose files are found when the program runs: a new one makes the bundles void. */
export const FOUND_BY_FOLDER = [
  'harness/command-line/commands',
  'harness/faults',
  'harness/pair/rules',
  'scenarios',
];
/** One script with its libraries: there are many of them, and they live long. */
const WHOLE: ProcessKind = 'runs';
/** Each process loads it before it knows of any bundle. A copy of it in a bundle would not know which bundles are in use. */
const BEFORE = join(PROJECT_ROOT, 'harness/imports/hooks.ts');
const NOT_IN_USE = /\.(?:test|fixture)\.ts$/;
const FROM_SCENARIO = /^(?:import|export)(?! type)[^']*'(\.[^']*\.ts)'/gm;

/** What was made. */
interface BundledCode {
  readonly files: Readonly<Record<ProcessKind, Files>>;
  /** What it was made of, from the project's root. */
  readonly inputs: readonly string[];
}

/**
 * Bundles the code of this checkout, whose libraries come out of their bundles. Kinds of processes share nothing: what
 * several beginnings share is cut into the smaller files, the more of them there are.
 */
export async function bundleCode(libraries: string, into: string): Promise<BundledCode> {
  const { build } = await import('esbuild');
  const scenarios = await filesIn('scenarios');
  const inputs = new Set(scenarios);
  const files = Object.entries(await beginnings(scenarios)).map(async ([kind, begin]) => {
    const outputOf = (path: string) => `${kind}/${path.replace(/\.ts$/, '')}`;
    const { metafile } = await build({
      ...BUNDLE,
      chunkNames: `${kind}/${BUNDLE.chunkNames}`,
      entryPoints: Object.fromEntries(begin.map((path) => [outputOf(path), join(PROJECT_ROOT, path)])),
      outdir: into,
      // It only finds what is exported, and the sources, where one script is made.
      write: kind !== WHOLE,
      plugins: [APART, fromBundles(libraries), BUILT_IN, whereSourceLies()],
    });
    for (const path of Object.keys(metafile.inputs)) if (!path.includes(':')) inputs.add(path);
    if (kind === WHOLE) await bundleWhole(exportedBy(begin, metafile), join(into, kind));
    return [kind, Object.fromEntries(begin.map((path) => [path, `${outputOf(path)}.js`]))] as const;
  });
  return {
    files: Object.fromEntries(await Promise.all(files)) as BundledCode['files'],
    inputs: [...inputs].sort(),
  };
}

/** What each of them exports. */
function exportedBy(begin: readonly string[], { outputs }: Metafile): readonly Begin[] {
  return Object.values(outputs).flatMap(({ entryPoint = '', exports }) =>
    begin.includes(entryPoint) ? { path: entryPoint, exports } : [],
  );
}

/** What processes of each kind begin with, and what they find later. */
async function beginnings(
  scenarios: readonly string[],
): Promise<Readonly<Record<ProcessKind, readonly string[]>>> {
  const [commands = [], faults = [], rules = []] = await Promise.all(FOUND_BY_FOLDER.map(filesIn));
  const imported = (await Promise.all(scenarios.map(importedBy))).flat();
  const stories = new Set([
    ...faults,
    ...imported,
    'harness/run/explore/explored-scenario.ts',
    'harness/scenario/entry.ts',
  ]);
  return {
    commands: ['harness/command-line/invocation.ts', ...commands, ...rules, ...stories],
    runs: ['harness/run/worker-main.ts', ...stories],
    tests: ['harness/run/ava-register.ts'],
  };
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const found = await Array.fromAsync(glob(`${folder}/*.ts`, { cwd: PROJECT_ROOT }));
  return found.filter((path) => !NOT_IN_USE.test(path)).sort();
}

/** What a scenario imports of the testbed, from the root: scenarios themselves stay as they are written. */
async function importedBy(scenario: string): Promise<readonly string[]> {
  const text = await readFile(join(PROJECT_ROOT, scenario), 'utf8');
  return [...text.matchAll(FROM_SCENARIO)].map(([, path = '']) => normalize(join(dirname(scenario), path)));
}

const APART: Plugin = {
  name: 'apart',
  setup(build) {
    build.onResolve({ filter: /\/hooks\.ts$/ }, ({ path, resolveDir }) =>
      join(resolveDir, path) === BEFORE ? { path: pathToFileURL(BEFORE).href, external: true } : undefined,
    );
  },
};

/** Libraries lead to their bundles, and those that have none to where npm installed them. */
function fromBundles(libraries: string): Plugin {
  const { own } = readTable(libraries);
  return {
    name: 'from bundles',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
        if (kind === 'entry-point' || path.startsWith('node:')) return undefined;
        const file = own[path];
        return {
          path: file === undefined ? path : pathToFileURL(join(libraries, 'own', file)).href,
          external: true,
        };
      });
    },
  };
}
