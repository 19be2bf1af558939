import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import type { Plugin } from 'esbuild';
import { codeFile, PROJECT_ROOT } from '../project.ts';
import { BUNDLE, COMPILED_PARTS } from './bundle.ts';
import { APART } from './kept.ts';
import { BUILT_IN, CALLED_LATE, CHARACTERS_LATE, whereSourceLies } from './plugins.ts';

const SCRIPT = 'whole.js';
const LOADER = pathToFileURL(codeFile('harness/imports/whole')).href;

/** A file that is asked for. */
export interface Begin {
  /** From the root. */
  readonly path: string;
  /** The names that it exports. */
  readonly exports: readonly string[];
}

/**
 * Bundles files with all their libraries into one script, as `partOf` loads it, and writes a module in the place of each,
 * which takes it from there.
 */
export async function bundleWhole(begin: readonly Begin[], into: string): Promise<void> {
  const { build } = await import('esbuild');
  const { splitting, chunkNames, banner, ...alone } = BUNDLE;
  const parts = begin.map(
    ({ path }) =>
      `${JSON.stringify(join(PROJECT_ROOT, path))}: () => import(${JSON.stringify(`./${path}`)}),`,
  );
  const { outputFiles } = await build({
    ...alone,
    stdin: { contents: `give({\n${parts.join('\n')}\n});`, resolveDir: PROJECT_ROOT },
    write: false,
    // The text stays in memory for as long as the process lives: of twice the size, it costs a collection of garbage.
    minifyWhitespace: true,
    // Node shows the line that throws.
    lineLimit: 120,
    legalComments: 'none',
    external: [...APART, ...COMPILED_PARTS],
    plugins: [LATE_APART, BUILT_IN, CALLED_LATE, CHARACTERS_LATE, whereSourceLies(importedByScript)],
  });
  const script = join(into, SCRIPT);
  const text = inAscii(outputFiles[0]?.text ?? '');
  const whole = `(function (require, importFile, give, __filename, __dirname) {${text}\n})`;
  // A script has neither `import … from` nor `import.meta`: where one is left, this says so.
  new vm.Script(whole, { filename: script });
  await mkdir(into, { recursive: true });
  await writeFile(script, whole);
  for (const each of begin) await writeModule(each, into);
}

/** What is imported by a name that is made when the code runs is asked of the script first. */
function importedByScript(text: string): string {
  return text.replaceAll(/\bimport\((?=[a-z])/g, 'importFile(');
}

/** What is called late is no part of the script, and comes from where npm installed it. */
const LATE_APART: Plugin = {
  name: 'late apart',
  setup(build) {
    build.onResolve({ filter: /^\.\// }, ({ path, namespace }) =>
      namespace === 'late' ? { path: join(PROJECT_ROOT, path), external: true } : undefined,
    );
  },
};

/** In texts and in regular expressions, an escape means the same. */
function inAscii(text: string): string {
  return text.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function writeModule({ path, exports }: Begin, into: string): Promise<void> {
  const file = join(into, path.replace(/\.ts$/, '.js'));
  const script = JSON.stringify(relative(dirname(file), join(into, SCRIPT)));
  const lines = exports.map((name, n) =>
    name === 'default'
      ? 'export default own.default;'
      : `const own${n} = own.${name}; export { own${n} as ${name} };`,
  );
  await mkdir(dirname(file), { recursive: true });
  await writeFile(
    file,
    `import { partOf } from ${JSON.stringify(LOADER)};
const own = await partOf(new URL(${script}, import.meta.url), ${JSON.stringify(join(PROJECT_ROOT, path))});
${lines.join('\n')}
`,
  );
}
