import { glob, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { PROJECT_ROOT } from '../project.ts';
import { BUNDLE, type Bundled } from './bundle.ts';
import { readTable } from './kept.ts';
import { BUILT_IN } from './plugins.ts';

/** Folders whose files are found when the program runs: a new one makes the bundles void. */
export const FOUND_BY_FOLDER = [
  'harness/command-line/commands',
  'harness/faults',
  'harness/pair/rules',
  'scenarios',
];
/** What processes begin with. */
const BEGINNINGS = [
  'harness/command-line/invocation.ts',
  'harness/lab/engine/reaper-main.ts',
  'harness/run/ava-register.ts',
  'harness/run/explore/explored-scenario.ts',
  'harness/run/worker-main.ts',
  'harness/scenario/entry.ts',
];
/** Each process loads it before it knows of any bundle. A copy of it in a bundle would not know which bundles are in use. */
const BEFORE = join(PROJECT_ROOT, 'harness/imports/hooks.ts');
const NOT_IN_USE = /\.(?:test|fixture)\.ts$/;
const FROM_SCENARIO = /^(?:import|export)(?! type)[^']*'(\.[^']*\.ts)'/gm;

/** Bundles the code of this checkout, whose libraries come out of their bundles. */
export async function bundleCode(libraries: string, into: string): Promise<Bundled> {
  const scenarios = await filesIn('scenarios');
  const begin = [
    ...BEGINNINGS,
    ...(await Promise.all(FOUND_BY_FOLDER.slice(0, -1).map(filesIn))).flat(),
    ...(await Promise.all(scenarios.map(importedBy))).flat(),
  ];
  const { build } = await import('esbuild');
  const outputOf = (path: string) => path.replace(/\.ts$/, '');
  const files = Object.fromEntries([...new Set(begin)].map((path) => [path, `${outputOf(path)}.js`]));
  const { metafile } = await build({
    ...BUNDLE,
    entryPoints: Object.fromEntries(
      Object.keys(files).map((path) => [outputOf(path), join(PROJECT_ROOT, path)]),
    ),
    outdir: into,
    plugins: [APART, fromBundles(libraries), BUILT_IN, WHERE_IT_LIES],
  });
  const inputs = Object.keys(metafile.inputs).filter((path) => !path.includes(':'));
  return { files, inputs: [...inputs, ...scenarios] };
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

/** Where code asks where it lies, its source's place is the answer: files lie beside that. */
const WHERE_IT_LIES: Plugin = {
  name: 'where the source lies',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const told = { dirname: dirname(path), filename: path, url: pathToFileURL(path).href };
      const text = await readFile(path, 'utf8');
      const contents = text.replaceAll(
        /\bimport\.meta\.(dirname|filename|url)\b/g,
        (_, name: keyof typeof told) => JSON.stringify(told[name]),
      );
      return { contents, loader: 'ts', resolveDir: dirname(path) };
    });
  },
};
