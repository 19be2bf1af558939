import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BANNER } from '../lab/images/bundle.ts';
import { PROJECT_ROOT } from '../project.ts';

/** What a file of compiled code imports, as its text has it: `… from 'name'`, `import 'name'`, `import('name')`. */
const IMPORTED = /\b(?:from|import)\s*\(?\s*['"]([@a-z][^'"]*)['"]/g;
const FOR_EFFECTS = /^import '([@a-z][^']*)'/gm;

/**
 * Bundles the libraries that the compiled code below a folder imports into a node_modules of that folder, so that an
 * installation gets nothing that is deprecated, runs a script or asks for another Node.
 *
 * @param code the pattern of its files
 * @param apart libraries that cannot be bundled, and are found above
 */
export async function bundleLibraries(dist: string, code: string, apart: readonly string[]): Promise<void> {
  const imported = await importedBelow(dist, code);
  // What is imported for its effects alone is there before what needs them.
  for (const name of imported.effects) await import(name);
  const names = imported.names.filter((name) => !apart.includes(packageOf(name)));
  // Node takes them for modules here, so that what they import has its names as Node sees them.
  const entries = join(dist, 'entries');
  await mkdir(entries);
  const entryPoints: Record<string, string> = {};
  for (const name of names) {
    const entry = join(entries, `${name.replaceAll('/', '+')}.mjs`);
    await writeFile(entry, await reexport(name));
    entryPoints[`${name}/index`] = entry;
  }
  await build({
    entryPoints,
    absWorkingDir: PROJECT_ROOT,
    nodePaths: [join(PROJECT_ROOT, 'node_modules')],
    outdir: join(dist, 'node_modules'),
    bundle: true,
    splitting: true,
    chunkNames: '.shared/[hash]',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    legalComments: 'inline',
    // Compiled parts are optional where they are used.
    external: [...apart, '*.node', 'cpu-features'],
    banner: { js: `${BANNER} const { dirname: __dirname, filename: __filename } = import.meta;` },
    logLevel: 'silent',
  });
  await rm(entries, { recursive: true });
  for (const name of new Set(names.map(packageOf))) {
    const paths = names.filter((each) => packageOf(each) === name);
    const exports = Object.fromEntries(
      paths.map((path) => {
        const below = path.slice(name.length);
        return [`.${below}`, `.${below}/index.js`];
      }),
    );
    await writeFile(
      join(dist, 'node_modules', name, 'package.json'),
      `${JSON.stringify({ name, type: 'module', exports }, undefined, 2)}\n`,
    );
  }
}

/** The libraries that files of code import, e.g. `hono/html`. */
async function importedBelow(
  dist: string,
  code: string,
): Promise<{ readonly names: readonly string[]; readonly effects: ReadonlySet<string> }> {
  const [names, effects] = [new Set<string>(), new Set<string>()];
  for await (const path of glob(code, { cwd: dist })) {
    const text = await readFile(join(dist, path), 'utf8');
    for (const [, name = ''] of text.matchAll(IMPORTED)) names.add(name);
    for (const [, name = ''] of text.matchAll(FOR_EFFECTS)) effects.add(name);
  }
  const { devDependencies, dependencies } = JSON.parse(
    await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'),
  );
  // Texts look like imports too.
  const libraries = [...names]
    .filter((name) => packageOf(name) in { ...devDependencies, ...dependencies })
    .sort();
  return { names: libraries, effects };
}

/** `@peculiar/x509` of `@peculiar/x509`, `hono` of `hono/html`. */
function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}

/** A module with the names of another. */
async function reexport(name: string): Promise<string> {
  const exported = Object.keys((await import(name)) as object).filter((each) => /^[\w$]+$/.test(each));
  return exported.length === 0
    ? `import ${JSON.stringify(name)};\n`
    : `export { ${exported.join(', ')} } from ${JSON.stringify(name)};\n`;
}
