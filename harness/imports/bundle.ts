import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { PROJECT_ROOT } from '../project.ts';
import { BUILT_IN, CALLED_LATE, CHARACTERS_LATE, whereItLies } from './plugins.ts';
import type { Files } from './tables.ts';

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
  /** The pattern of its files of code, from `folder` or from `codeFolder`; or those that begin, which are bundled too. */
  readonly code: string | readonly string[];
  readonly codeFolder?: string;
  /** Libraries that cannot be bundled, and are loaded as they are. */
  readonly apart: readonly string[];
}

/** What was made. */
export interface Bundled {
  /** By what an import says, or by the file that it leads to, the file that it is to lead to, from the folder. */
  readonly files: Files;
  /** What it was made of, from the project's root. */
  readonly inputs: readonly string[];
}

/** How bundles are made of a folder's files; what several of them need is there once. */
export const BUNDLE = {
  absWorkingDir: PROJECT_ROOT,
  bundle: true,
  splitting: true,
  chunkNames: '.shared/[hash]',
  metafile: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minifySyntax: true,
  legalComments: 'inline',
  banner: { js: BANNER },
  logLevel: 'silent',
} as const satisfies BuildOptions;

/** Compiled parts of libraries, which are optional where they are used. */
export const COMPILED_PARTS = ['*.node', 'cpu-features'];

/** Bundles the libraries that some code imports into a folder, or such code with its libraries. */
export async function bundleLibraries(importer: Importer, into: string): Promise<Bundled> {
  const { code, folder } = importer;
  // Node takes them for modules here, so that what they import has its names as Node sees them.
  const entries = join(into, 'entries');
  await mkdir(entries, { recursive: true });
  const begin =
    typeof code === 'string'
      ? await libraryEntries({ ...importer, code }, entries)
      : codeEntries(folder, code);
  const { build } = await import('esbuild');
  const { metafile } = await build({
    ...BUNDLE,
    entryPoints: Object.fromEntries(begin.map(({ output, input }) => [output, input])),
    nodePaths: [join(PROJECT_ROOT, 'node_modules')],
    outdir: into,
    external: [...importer.apart, ...COMPILED_PARTS],
    plugins: [BUILT_IN, CALLED_LATE, CHARACTERS_LATE, whereItLies(folder)],
    // CommonJS modules have these, and some ES modules make them themselves.
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  });
  await rm(entries, { recursive: true });
  const ofEntries = relative(PROJECT_ROOT, entries);
  return {
    files: Object.fromEntries(begin.map(({ name, output }) => [name, `${output}.js`])),
    inputs: Object.keys(metafile.inputs).filter((path) => !path.startsWith(ofEntries) && !path.includes(':')),
  };
}

/** A file that a bundle begins with. */
interface Entry {
  readonly name: string;
  readonly input: string;
  /** Without its ending. */
  readonly output: string;
}

function codeEntries(folder: string, code: readonly string[]): readonly Entry[] {
  return code.map((name) => ({ name, input: join(folder, name), output: name.replace(/\.js$/, '') }));
}

async function libraryEntries(
  importer: Importer & { readonly code: string },
  folder: string,
): Promise<readonly Entry[]> {
  const imported = await importedBy(importer);
  // What is imported for its effects alone is there before what needs them.
  for (const name of imported.effects) await import(name);
  return Promise.all(
    imported.names.map(async (name) => {
      const input = join(folder, `${name.replaceAll('/', '+')}.mjs`);
      await writeFile(input, await reexport(name));
      return { name, input, output: `${name}/index` };
    }),
  );
}

/** The libraries that files of code import, e.g. `hono/html`. */
async function importedBy({
  folder,
  codeFolder = folder,
  code,
  apart,
}: Importer & { readonly code: string }): Promise<{
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
