import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import type { Mutation } from '../../mutations/mutation.ts';
import { MUTATIONS } from '../../mutations/mutations.ts';
import { type Cell, mutationTable, uncaught } from '../../mutations/table.ts';
import { labsFor } from '../../run/capacity.ts';
import { evenJobs } from '../../run/plan.ts';
import { runScenarios } from '../../run/run-scenarios.ts';
import { namedOrAll } from '../../scenario/catalogue.ts';
import { UsageError } from '../../usage-error.ts';
import { atRef } from '../at-ref.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import {
  collect,
  json,
  parallel,
  reports,
  requireAmphorae,
  seed,
  system,
  systemNamed,
  takes,
} from '../options.ts';
import { newReport } from '../places.ts';
import { sayBroken } from '../print.ts';
import { workbench } from '../workbench.ts';

export interface MutateOptions {
  readonly with: readonly string[];
  readonly mutation: readonly string[];
  readonly everything?: boolean;
  readonly parallel?: number;
  readonly seed?: number;
  readonly reports: string;
  readonly json?: boolean;
}

export const group: Group = 'For developers of the testbed';

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  cli
    .command('mutate')
    .description('Breaks the system in one way at a time, and shows which scenarios notice.')
    .argument('[scenarios...]', 'Names of scenarios. Default: those that a mutation aims at.')
    .addOption(
      takes('--mutation <mutation>', 'Makes only this mutation; may be repeated.', {
        parse: collect,
        unset: [],
        otherwise: 'all',
      }),
    )
    .option('--everything', 'Runs each scenario with each mutation, also those that do not aim at it.')
    .addOption(system())
    .addOption(parallel())
    .addOption(seed())
    .addOption(reports())
    .addOption(json('Prints the cells of the table as JSON.'))
    .example('npm run mutate -- master-kill --mutation advertisements-slow')
    .action(async (names, options) =>
      finish(await atRef(options, signal, () => mutate(names, options, signal))),
    );
}

/**
 * `mutate`: breaks the system in one way at a time, and runs the scenarios that should notice.
 *
 * @returns 1 when a scenario noticed no mutation
 */
export async function mutate(
  names: readonly string[],
  options: MutateOptions,
  signal: AbortSignal,
): Promise<number> {
  const mutations = mutationsNamed(options.mutation);
  const { scenarios: wanted, broken } = await namedOrAll(names);
  sayBroken(broken);
  const { engine, images } = await workbench(requireAmphorae(systemNamed(options.with), 'mutate'));
  const parallel = await labsFor(engine, options.parallel);
  const seed = options.seed ?? randomInt(1, 2 ** 31);
  const { id, folder } = await newReport(options.reports, 'mutate');
  const cells: Cell[] = [];
  for (const mutation of mutations) {
    const scenarios = wanted.filter(({ name }) => options.everything || mutation.aims.includes(name));
    if (scenarios.length === 0) continue;
    const jobs = evenJobs(
      scenarios.map(({ name }) => name),
      1,
      seed,
    );
    const result = await runScenarios({
      engine,
      scenarios,
      plan: {
        ...{ images, jobs, seed, set: [], keep: false, reuse: false },
        folder: join(folder, mutation.name),
        mutation: mutation.name,
      },
      parallel,
      onPlaces: options.parallel ? undefined : (sentence) => process.stderr.write(`${sentence}\n`),
      id,
      command: `npm run mutate -- --mutation ${mutation.name} --seed ${seed}`,
      progress: {
        stage() {},
        ended({ scenario }, { status }, again) {
          const outcome =
            status === 'failed' ? 'noticed by' : status === 'passed' ? 'not noticed by' : `${status}:`;
          if (!again) process.stderr.write(`${mutation.name}: ${outcome} ${scenario}\n`);
        },
      },
      signal,
    });
    for (const { name, status, reason } of result.scenarios) {
      cells.push({ scenario: name, mutation: mutation.name, status, ...(reason && { reason }) });
    }
  }
  const table = mutationTable(cells);
  await writeFile(join(folder, 'mutations.md'), table);
  await writeFile(join(folder, 'mutations.json'), `${JSON.stringify({ seed, cells }, undefined, 2)}\n`);
  process.stdout.write(options.json ? `${JSON.stringify({ seed, cells })}\n` : table);
  const unnoticed = uncaught(cells);
  if (unnoticed.length === 0) return EXIT.ok;
  process.stderr.write(`These scenarios noticed no mutation: ${unnoticed.join(', ')}.\n`);
  return EXIT.failed;
}

/** @throws UsageError */
export function mutationsNamed(names: readonly string[]): readonly Mutation[] {
  if (names.length === 0) return MUTATIONS;
  const known = MUTATIONS.map(({ name }) => name);
  return names.map((name) => {
    const found = MUTATIONS.find((mutation) => mutation.name === name);
    if (found) return found;
    throw new UsageError(
      `--mutation: there is no mutation "${name}"; the nearest is ${closest(name, known)}, and there are ${known.join(', ')}.`,
    );
  });
}
