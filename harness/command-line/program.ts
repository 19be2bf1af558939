import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../project.ts';
import { type Register, type Running, TestbedCommand } from './command.ts';

/** The commands by the groups of `--help`, each with the file that registers it. */
const COMMANDS: Readonly<Record<string, Readonly<Record<string, () => Promise<{ register: Register }>>>>> = {
  'Set up:': {
    setup: () => import('./setup.ts'),
    prune: () => import('./prune.ts'),
    completion: () => import('./completion.ts'),
  },
  'Measure:': {
    scenario: () => import('./scenario.ts'),
    nightly: () => import('./nightly.ts'),
    explore: () => import('./explore.ts'),
    predict: () => import('./predict.ts'),
  },
  'Compare:': {
    bench: () => import('./bench.ts'),
    compare: () => import('./compare.ts'),
    history: () => import('./history.ts'),
    merge: () => import('./merge.ts'),
  },
  'Look inside:': {
    report: () => import('./report.ts'),
    lab: () => import('./lab.ts'),
    render: () => import('./render.ts'),
    controller: () => import('./controller.ts'),
  },
  'For developers of the testbed:': {
    test: () => import('./test.ts'),
    mutate: () => import('./mutate.ts'),
    figures: () => import('./figures.ts'),
    torture: () => import('./torture.ts'),
    golden: () => import('./golden.ts'),
    reference: () => import('./reference.ts'),
  },
};

/** These describe all commands, and need all of them. */
const DESCRIBE_ALL: readonly (string | undefined)[] = ['completion', 'reference'];

/**
 * The command line.
 *
 * @param word the first word that was typed: a command's name loads this command alone, so that it starts sooner
 */
export async function program(running: Running, word?: string): Promise<TestbedCommand> {
  const cli = new TestbedCommand('amphora-testbed')
    .description('Measures how an Octavia amphora pair fails over, and for how long clients are cut off.')
    .version(versionOf(PROJECT_ROOT), '-V, --version', 'Prints the version.')
    .example('npm run scenario -- master-kill')
    .exitOverride();
  const alone =
    Object.values(COMMANDS).some((group) => Object.hasOwn(group, word ?? '')) && !DESCRIBE_ALL.includes(word);
  for (const [heading, group] of Object.entries(COMMANDS)) {
    cli.commandsGroup(heading);
    for (const [name, load] of Object.entries(group)) {
      if (!alone || name === word) (await load()).register(cli, running);
    }
  }
  return cli;
}

function versionOf(root: string): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}
