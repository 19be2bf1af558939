import { Listr } from 'listr2';
import { keepLibraries } from '../../imports/kept.ts';
import { keepCode } from '../../imports/kept-code.ts';
import { diagnose } from '../../lab/diagnosis.ts';
import type { Engine } from '../../lab/engine/engine.ts';
import { raiseInotifyInstances } from '../../lab/engine/inotify.ts';
import { provideEngine } from '../../lab/engine/install.ts';
import { sweepOrphans } from '../../lab/engine/orphans.ts';
import { buildImages } from '../../lab/images/images.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { print } from '../print.ts';

export const group: Group = 'Set up';

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  cli
    .command('setup')
    .description('Finds or starts a container engine and builds the images; does only what is missing.')
    .option('--check', 'Changes nothing, and lists what the machine lacks and how to get it.')
    .example('npm run setup -- --check')
    .action(async (options: { readonly check?: boolean }) =>
      finish(await (options.check ? check() : setup(signal))),
    );
}

/**
 * `setup`: provides an engine and the images where they are missing.
 *
 * @throws AbortError when the signal fires
 */
export async function setup(signal: AbortSignal): Promise<number> {
  const state: { engine?: Engine } = {};
  const tasks = new Listr(
    [
      {
        title: 'container engine',
        task: async (_context, task) => {
          state.engine = await provideEngine((line) => {
            task.output = line;
          });
          raiseInotifyInstances(state.engine);
          await sweepOrphans(state.engine);
          task.title = state.engine.describe();
        },
      },
      {
        title: 'bundles',
        task: async (_context, task) => {
          const isNew = await keepBundles().catch((error: Error) => error);
          task.title =
            isNew instanceof Error
              ? `code and libraries could not be bundled, and commands start more slowly (${isNew.message})`
              : `code and libraries are ${isNew ? '' : 'already '}bundled, so that commands start sooner`;
        },
      },
      {
        title: 'images',
        task: async (_context, task) => {
          if (!state.engine) return;
          const { amphora, fabric, done } = await buildImages(state.engine, (line) => {
            task.output = line;
          });
          task.title =
            done.length > 0 ? `built ${done.join('; ')}` : `images are there: ${amphora}, ${fabric}`;
        },
      },
    ],
    {
      fallbackRenderer: 'simple',
      rendererOptions: { collapseErrors: false },
      concurrent: false,
      // Its listener would end this process with another exit code.
      registerSignalListeners: false,
    },
  );
  // The next setup repeats what was begun; programs under way end with this process.
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  await Promise.race([tasks.run(), interrupted]);
  return EXIT.ok;
}

async function keepBundles(): Promise<boolean> {
  const libraries = await keepLibraries();
  return (await keepCode()) || libraries;
}

/** `setup --check`: reports what this machine lacks, and how to get it. */
export async function check(): Promise<number> {
  const findings = await diagnose();
  const marks = { good: '✓', poor: '!', bad: '✗' };
  for (const { what, state, found, cure } of findings) {
    print(`${marks[state]} ${what}: ${found}${cure ? `\n    ${cure}` : ''}\n`);
  }
  return findings.some(({ state }) => state === 'bad') ? EXIT.environment : EXIT.ok;
}
