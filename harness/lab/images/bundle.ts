import { build } from 'esbuild';
import { PROJECT_ROOT } from '../../project.ts';

/** CommonJS dependencies in an ES module bundle call `require`, which ES modules do not have. */
const BANNER =
  "import { createRequire as createRequireOfBundle } from 'node:module';" +
  ' const require = createRequireOfBundle(import.meta.url);';

/**
 * One ES module for Node 24 with all that a program imports. Equal sources give equal bytes.
 *
 * @param entry path from the project's root
 * @throws esbuild's BuildFailure with file and line of each error
 */
export async function bundle(entry: string): Promise<Buffer> {
  const { outputFiles } = await build({
    entryPoints: [entry],
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
    throw new Error(`esbuild wrote no bundle of ${entry}`);
  }
  return Buffer.from(file.contents);
}
