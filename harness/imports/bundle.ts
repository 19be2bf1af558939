import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { PROJECT_ROOT } from '../project.ts';

/** CommonJS dependencies in an ES module bundle call `require`, which ES modules do not have. */
const BANNER =
  "import { createRequire as createRequireOfBundle } from 'node:module';" +
  ' const require = createRequireOfBundle(import.meta.url);';

/** What a file of code imports, as its text has it: `… from 'name'`, `import 'name'`, `import('name')`. */
const IMPORTED = /\b(?:from|import)\s*\(?\s*['"]([@a-z][^'"]*)['"]/g;
const NOT_IN_USE = ['**/*.{test,fixture}.ts'];
const FOR_EFFECTS = /^import '([@a-z][^']*)'/gm;

/** Who imports libraries. */
export interface Importer {
  /** Its package.json lists the libraries. */
  readonly folder: string;
  /** The pattern of its files of code, from `folder` or from `codeFolder`. */
  readonly code: string;
  readonly codeFolder?: string;
  /** Libraries that cannot be bundled, and are loaded as they are. */
  readonly apart: readonly string[];
}

/** What was made. */
export interface Bundled {
  /** By what an import says, the file that it is to lead to, from the folder. */
  readonly files: Readonly<Record<string, string>>;
  /** What it was made of, from the project's root. */
  readonly inputs: readonly string[];
}

/** Bundles the libraries that some code imports into a folder; what several of them need is there once. */
export async function bundleLibraries(importer: Importer, into: string): Promise<Bundled> {
  const imported = await importedBy(importer);
  // What is imported for its effects alone is there before what needs them.
  for (const name of imported.effects) await import(name);
  // Node takes them for modules here, so that what they import has its names as Node sees them.
  const entries = join(into, 'entries');
  await mkdir(entries, { recursive: true });
  const entryPoints: Record<string, string> = {};
  for (const name of imported.names) {
    const entry = join(entries, `${name.replaceAll('/', '+')}.mjs`);
    await writeFile(entry, await reexport(name));
    entryPoints[`${name}/index`] = entry;
  }
  const { build } = await import('esbuild');
  const { metafile } = await build({
    entryPoints,
    absWorkingDir: PROJECT_ROOT,
    nodePaths: [join(PROJECT_ROOT, 'node_modules')],
    outdir: into,
    bundle: true,
    splitting: true,
    chunkNames: '.shared/[hash]',
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    legalComments: 'inline',
    // Compiled parts are optional where they are used.
    external: [...importer.apart, '*.node', 'cpu-features'],
    plugins: [CALLED_LATE],
    // CommonJS modules have these, and some ES modules make them themselves.
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
    banner: { js: BANNER },
    logLevel: 'silent',
  });
  await rm(entries, { recursive: true });
  const ofEntries = relative(PROJECT_ROOT, entries);
  return {
    files: Object.fromEntries(imported.names.map((name) => [name, `${name}/index.js`])),
    inputs: Object.keys(metafile.inputs).filter((path) => !path.startsWith(ofEntries) && !path.includes(':')),
  };
}

/**
 * What no lab calls, with large libraries below it: an engine over SSH, the log-in of a build (gRPC), copies and ports into a
 * running container. They are loaded when they are called: that is a third of what starts before each run.
 */
const LATE: Readonly<Record<string, readonly string[]>> = {
  'docker-modem': ['./ssh'],
  dockerode: ['./session'],
  testcontainers: ['archiver', 'ssh-remote-port-forward'],
};

const CALLED_LATE: Plugin = {
  name: 'called late',
  setup(build) {
    build.onResolve(
      { filter: /^(?:\.\/)?[a-z-]+$/, namespace: 'file' },
      async ({ path, kind, importer, resolveDir, pluginData }) => {
        const library = /.*\/node_modules\/([^/]+)/.exec(importer)?.[1] ?? '';
        if (pluginData === LATE || kind !== 'require-call' || !LATE[library]?.includes(path))
          return undefined;
        const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: LATE });
        return { path: relative(PROJECT_ROOT, found.path), namespace: 'late' };
      },
    );
    build.onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: `const loaded = () => require(${JSON.stringify(`./${path}`)});
        module.exports = new Proxy(() => {}, {
          apply: (_, self, given) => Reflect.apply(loaded(), self, given),
          get: (_, name) => (name === '__esModule' ? undefined : loaded()[name]),
        });`,
      resolveDir: PROJECT_ROOT,
    }));
  },
};

/** The libraries that files of code import, e.g. `hono/html`. */
async function importedBy({ folder, codeFolder = folder, code, apart }: Importer): Promise<{
  readonly names: readonly string[];
  readonly effects: ReadonlySet<string>;
}> {
  const [names, effects] = [new Set<string>(), new Set<string>()];
  for await (const path of glob(code, { cwd: codeFolder, exclude: NOT_IN_USE })) {
    const text = await readFile(join(codeFolder, path), 'utf8');
    for (const [, name = ''] of text.matchAll(IMPORTED)) names.add(name);
    for (const [, name = ''] of text.matchAll(FOR_EFFECTS)) effects.add(name);
  }
  const { devDependencies, dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  // Texts look like imports too; and one that has a version of a library to itself keeps it.
  const isBundled = (library: string) =>
    library in { ...devDependencies, ...dependencies } &&
    !apart.includes(library) &&
    (folder === PROJECT_ROOT || !existsSync(join(folder, 'node_modules', library)));
  return { names: [...names].filter((name) => isBundled(packageOf(name))).sort(), effects };
}

/** `@peculiar/x509` of `@peculiar/x509`, `hono` of `hono/html`. */
export function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}

/** A module with the names of another. */
async function reexport(name: string): Promise<string> {
  const exported = Object.keys((await import(name)) as object).filter((each) => /^[\w$]+$/.test(each));
  return exported.length === 0
    ? `import ${JSON.stringify(name)};\n`
    : `export { ${exported.join(', ')} } from ${JSON.stringify(name)};\n`;
}
