import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKED, PROJECT_ROOT } from '../../project.ts';

/** The programs that run in containers, by their paths without ending: the npm package brings them bundled. */
export const PROGRAMS = [
  'harness/lab/fabric/daemon',
  'harness/lab/fabric/request-load-main',
  'src/agent/main',
] as const;
export type Program = (typeof PROGRAMS)[number];

/** CommonJS dependencies in an ES module bundle call `require`, which ES modules do not have. */
export const BANNER =
  "import { createRequire as createRequireOfBundle } from 'node:module';" +
  ' const require = createRequireOfBundle(import.meta.url);';

/**
 * One ES module for Node 24 with all that a program imports. Equal sources give equal bytes.
 *
 * @throws esbuild's BuildFailure with file and line of each error
 */
export async function bundle(program: Program): Promise<Buffer> {
  if (PACKED) return readFile(bundleFile(PROJECT_ROOT, program));
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [`${program}.ts`],
    absWorkingDir: PROJECT_ROOT,
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: false,
    legalComments: 'none',
    banner: { js: BANNER },
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  if (!file) {
    throw new Error(`esbuild wrote no bundle of ${program}`);
  }
  return Buffer.from(file.contents);
}

/** Where a package has the bundle of a program. */
export function bundleFile(root: string, program: Program): string {
  return join(root, `${program}.bundle.mjs`);
}
