import { existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { makeFolder } from '../../lab/engine/folder.ts';
import { withLock } from '../../lab/engine/lock.ts';
import { PROJECT_ROOT } from '../../project.ts';
import { writeWhole } from '../../result/write-whole.ts';
import { machineDisk, payloadDisk, requirePrograms, StockMachineFailed } from '../../stock/disks.ts';
import { goesOn, runChecks } from '../../stock/machine.ts';
import {
  type Cell,
  cellMarkdown,
  cellOf,
  cellTable,
  GuestReader,
  newestOf,
  type Outcome,
  verdictOf,
} from '../../stock/outcome.ts';
import {
  CHECKS,
  ENGINES,
  type EngineName,
  isOn,
  MACHINES,
  type MachineName,
  SETUP,
} from '../../stock/plan.ts';
import { UsageError } from '../../usage-error.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { collect, takes } from '../options.ts';
import { fromUser } from '../places.ts';
import { print } from '../print.ts';

export const group: Group = 'For developers of the testbed';

/** Where the tables stand, below this heading; the text above it stays. */
const DOCUMENT = join(PROJECT_ROOT, 'docs/tested-on.md');
const RESULTS = '## Results';
/** What the tables are written from: a cell a line, wherever it was run. */
const CELLS = join(PROJECT_ROOT, 'harness/stock/tested-on.jsonl');

interface StockOptions {
  readonly machine: readonly string[];
  readonly engine: readonly string[];
  readonly step: readonly string[];
  readonly continue?: boolean;
  readonly list?: boolean;
  readonly write?: boolean;
  readonly cache: string;
}

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  const some = (flags: string, says: string) =>
    takes(flags, `${says}; may be repeated.`, {
      parse: collect,
      unset: [] as readonly string[],
      otherwise: 'all',
    });
  cli
    .command('stock')
    .description('Boots Debian in an emulated machine and runs the packed testbed there, with each engine.')
    .addOption(some('--machine <release>', 'Boots this release'))
    .addOption(some('--engine <name>', 'Runs this engine'))
    .addOption(some('--step <name>', 'Runs this step, after the set-up'))
    .option(
      '--continue',
      'Leaves out what has a result, and goes on with the disks and the package that are there.',
    )
    .option('--list', 'Lists machines, engines and steps, and runs nothing.')
    .option('--write', 'Writes the tables into docs/tested-on.md.')
    .addOption(
      takes('--cache <folder>', 'Keeps disks and results in this folder.', {
        unset: '/var/cache/amphora-testbed-stock',
      }),
    )
    .example('npm run stock -- --machine bookworm --engine docker --step setup')
    .example('npm run stock -- --continue')
    .action(async (options: StockOptions) => finish(await stock(options, signal)));
}

/** `stock`: every step with every engine on every machine; each result is kept as soon as it is known. */
export async function stock(options: StockOptions, signal: AbortSignal): Promise<number> {
  const machines = chosen('--machine', options.machine, Object.keys(MACHINES)) as readonly MachineName[];
  const engines = chosen('--engine', options.engine, Object.keys(ENGINES)) as readonly EngineName[];
  const checks = chosen('--step', options.step, CHECKS);
  if (!machines.some((machine) => engines.some((engine) => isOn(machine, engine))))
    throw new UsageError(`--engine ${engines.join(', ')} cannot be had on ${machines.join(', ')}.`);
  if (options.list) {
    process.stdout.write(
      `machines: ${machines.join(', ')}\nengines: ${engines.join(', ')}\nsteps: ${checks.join(', ')}\n`,
    );
    return EXIT.ok;
  }
  requirePrograms();
  const cache = fromUser(options.cache);
  makeFolder(cache);
  return withLock(
    `stock ${realpathSync(cache)}`,
    () => runAll({ machines, engines, checks }, { ...options, cache }, signal),
    new StockMachineFailed(`Another run works in ${cache}: wait for it, or give --cache another folder.`),
  );
}

interface Chosen {
  readonly machines: readonly MachineName[];
  readonly engines: readonly EngineName[];
  readonly checks: readonly string[];
}

async function runAll(
  { machines, engines, checks }: Chosen,
  options: StockOptions,
  signal: AbortSignal,
): Promise<number> {
  const { cache } = options;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const payload = await payloadDisk(cache, options.continue ?? false, say);
  const results = join(cache, 'results.json');
  let outcomes = await readOutcomes(results);
  const isWanted = ({ machine, engine, check }: Outcome) =>
    machines.includes(machine) && engines.includes(engine) && checks.includes(check);
  for (const machine of machines) {
    const disk = await machineDisk(machine, cache, say);
    const versions = new Map(
      (await readFile(disk.packages, 'utf8')).split('\n').map((line) => line.split(' ') as [string, string]),
    );
    for (const engine of engines.filter((each) => isOn(machine, each))) {
      const known = new Set(
        outcomes
          .filter((each) => each.machine === machine && each.engine === engine)
          .map(({ check }) => check),
      );
      const cell = { machine, engine, base: disk, payload, cache };
      const wanted = checks.filter((check) => !(options.continue && known.has(check)));
      if (wanted.length === 0) continue;
      // A fresh machine has to be set up, whatever else is asked for.
      const fresh = wanted.includes(SETUP) || !(options.continue && (await goesOn(cell)));
      const left = fresh ? [SETUP, ...wanted.filter((check) => check !== SETUP)] : wanted;
      say(`${machine}, ${ENGINES[engine].title}: ${left.join(', ')}`);
      const reader = new GuestReader();
      let kernel = '';
      let stored = Promise.resolve();
      await runChecks(
        cell,
        { checks: left, fresh },
        {
          say,
          onLine: (line) => {
            const event = reader.read(line);
            if (event?.kind === 'kernel') kernel = event.kernel;
            if (event?.kind !== 'end') return;
            for (const end of event.ends) {
              const outcome: Outcome = {
                ...{ machine, engine, kernel, ...end },
                date: new Date().toISOString(),
                engineVersion: versions.get(ENGINES[engine].package) ?? '',
              };
              say(`  ${outcome.check}: ${verdictOf(outcome)}, ${outcome.seconds.toFixed(0)} s`);
              outcomes = newestOf([...outcomes, outcome]);
            }
            const text = JSON.stringify(outcomes);
            stored = stored.then(() => writeWhole(results, text));
          },
        },
        signal,
      );
      await stored;
    }
  }
  const wanted = outcomes.filter(isWanted);
  print(`${cellTable(wanted.map(cellOf))}\n`);
  for (const outcome of wanted.filter(({ exitCode }) => exitCode !== 0))
    print(
      `${outcome.machine}, ${outcome.engine}, ${outcome.check}:\n  ${outcome.lines.slice(-6).join('\n  ')}\n`,
    );
  if (options.write) await writeDocument(outcomes.map(cellOf));
  return wanted.some(({ exitCode }) => exitCode !== 0) ? EXIT.failed : EXIT.ok;
}

/** @throws UsageError */
function chosen(flag: string, given: readonly string[], known: readonly string[]): readonly string[] {
  for (const name of given) {
    if (!known.includes(name))
      throw new UsageError(
        `${flag} takes ${known.join(', ')}; found "${name}"; the nearest is ${closest(name, known)}.`,
      );
  }
  return given.length > 0 ? known.filter((name) => given.includes(name)) : known;
}

async function readOutcomes(file: string): Promise<readonly Outcome[]> {
  return existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : [];
}

/** Writes the tables anew: what was run elsewhere stays, unless this is newer. */
async function writeDocument(added: readonly Cell[]): Promise<void> {
  const lines = (await readFile(CELLS, 'utf8')).split('\n').filter((line) => line !== '');
  const cells = newestOf<Cell>([...lines.map((line) => JSON.parse(line)), ...added]);
  const sorted = cells.map((cell) => JSON.stringify(cell)).sort();
  await writeWhole(CELLS, `${sorted.join('\n')}\n`);
  const text = await readFile(DOCUMENT, 'utf8');
  const begins = text.indexOf(`\n${RESULTS}\n`);
  await writeWhole(DOCUMENT, `${text.slice(0, begins)}\n${RESULTS}\n\n${cellMarkdown(cells)}\n`);
}
