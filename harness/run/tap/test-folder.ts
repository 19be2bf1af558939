import { type DisposableTempDir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeFile } from '../../project.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

/** How AVA runs scenarios; the command line hands over the plan and reads the TAP. */
const CONFIGURATION = {
  // A test file is named as its scenario; AVA takes its configuration for one otherwise.
  files: ['*.js', '!ava.config.js'],
  timeout: '15m',
  failWithoutAssertions: true,
  // It would leave files out where CI_NODE_INDEX says so: a shard is what the plan says.
  utilizeParallelBuilds: false,
};

/**
 * A project for AVA with a test file for each scenario. AVA knows only files of its project, and scenarios lie where the
 * user has them.
 */
export async function testFolder(
  scenarios: readonly { readonly name: string; readonly file?: string }[],
): Promise<DisposableTempDir> {
  const folder = await temporaryFolder('tests');
  const register = codeFile('harness/run/ava-register');
  const files = {
    'package.json': '{ "type": "module" }',
    'ava.config.js': `export default ${JSON.stringify(CONFIGURATION)};`,
    ...Object.fromEntries(
      scenarios.flatMap(({ name, file }) =>
        file === undefined
          ? []
          : [
              [
                `${name}.js`,
                `import { runsOf } from ${JSON.stringify(register)};\nrunsOf(${JSON.stringify(name)}, ${JSON.stringify(file)});\n`,
              ],
            ],
      ),
    ),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), `${text}\n`);
  return folder;
}
