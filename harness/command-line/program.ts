import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { modulesIn } from '../project.ts';
import { type CommandFile, GROUPS, type Running, TestbedCommand } from './command.ts';
import { testbedVersion } from './version.ts';

const FOLDER = join(import.meta.dirname, 'commands');
/** These describe all commands, and need all of them. */
const DESCRIBE_ALL: readonly (string | undefined)[] = ['completion', 'reference'];

/**
 * The command line: a command for each file in `commands/`.
 *
 * @param word the first word that was typed: a command's name loads this command alone, so that it starts sooner
 */
export async function program(running: Running, word?: string): Promise<TestbedCommand> {
  const cli = new TestbedCommand('amphora-testbed')
    .description('Measures how an Octavia amphora pair fails over, and for how long clients are cut off.')
    .version(testbedVersion(), '-V, --version', 'Prints the version.')
    .example('npm run scenario -- master-kill')
    .exitOverride();
  const all = modulesIn(FOLDER);
  const alone = DESCRIBE_ALL.includes(word) ? undefined : all.find(({ name }) => name === word);
  const loading = (alone ? [alone] : all).map(({ file }) => import(pathToFileURL(file).href));
  const files = (await Promise.all(loading)) as readonly CommandFile[];
  for (const heading of GROUPS) {
    cli.commandsGroup(`${heading}:`);
    for (const file of files) if (file.group === heading) file.register(cli, running);
  }
  return cli;
}
