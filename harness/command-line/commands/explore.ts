import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labsFor } from '../../run/capacity.ts';
import { explore } from '../../run/explore/explore.ts';
import { counted, scenarioFile } from '../../run/explore/explored-scenario.ts';
import { asCode } from '../../run/explore/steps.ts';
import { atRef } from '../at-ref.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import {
  budget,
  json,
  parallel,
  renamed,
  renamedImage,
  reports,
  requireAmphorae,
  seed,
  system,
  systemNamed,
  takes,
} from '../options.ts';
import { newReport } from '../places.ts';
import { print } from '../print.ts';
import { workbench } from '../workbench.ts';
import { mutationsNamed } from './mutate.ts';

export interface ExploreOptions {
  /** ms */
  readonly budget: number;
  readonly seed?: number;
  readonly parallel?: number;
  readonly mutation?: string;
  readonly with: readonly string[];
  readonly reports: string;
  readonly json?: boolean;
}

export const group: Group = 'Measure';

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  cli
    .command('explore')
    .description('Composes random faults and repairs until an invariant breaks; writes the shortest story.')
    .addOption(budget('Ends the search within this time: no story is begun that would end later.', '5m'))
    .addOption(renamed('--minutes <n>', (minutes) => `--budget ${minutes}m`))
    .addOption(parallel())
    .addOption(seed('Composes the stories of the search with this seed again.'))
    .addOption(
      takes('--mutation <mutation>', 'Breaks the system first, as mutate does.', { otherwise: 'none' }),
    )
    .addOption(system())
    .addOption(renamedImage())
    .addOption(reports())
    .addOption(json())
    .example('npm run explore -- --budget 4m')
    .action(async (options) => finish(await atRef(options, signal, () => runExplore(options, signal))));
}

/**
 * `explore`: composes random faults and repairs until an invariant is broken, and writes the shortest story that
 * breaks it as a scenario.
 *
 * @returns 1 when one was found
 */
export async function runExplore(options: ExploreOptions, signal: AbortSignal): Promise<number> {
  const [mutation] = options.mutation === undefined ? [] : mutationsNamed([options.mutation]);
  const system = systemNamed(options.with);
  if (mutation) requireAmphorae(system, '--mutation');
  const { engine, images } = await workbench(system);
  const labs = await labsFor(engine, options.parallel);
  const seed = options.seed ?? randomInt(1, 2 ** 30);
  const { folder } = await newReport(options.reports, 'explore');
  const say = (line: string) => process.stderr.write(`${line}\n`);
  say(
    `${engine.describe()}; ${options.budget / 1000} s, ${labs === 1 ? 'one lab' : `${labs} labs`} at once, seed ${seed}${mutation ? `, with ${mutation.name}` : ''}`,
  );
  const exploration = await explore({
    engine,
    images,
    limitMs: options.budget,
    seed,
    parallel: labs,
    folder,
    ...(mutation && { mutation }),
    say,
    signal,
  });
  const { told, disturbed, found, durationMs } = exploration;
  await writeFile(
    join(folder, 'exploration.json'),
    `${JSON.stringify({ seed, ...exploration }, undefined, 2)}\n`,
  );
  const summary = `${told} stories in ${(durationMs / 1000).toFixed(0)} s, ${disturbed} disturbed`;
  if (!found) {
    if (options.json) process.stdout.write(`${JSON.stringify({ seed, ...exploration })}\n`);
    else print(`No invariant was broken: ${summary}.\n`);
    return EXIT.ok;
  }
  const name = `found-${seed}`;
  const file = join(folder, `${name}.ts`);
  await writeFile(file, scenarioFile(name, found.steps, found.reason, images.system.pair === undefined));
  if (options.json) process.stdout.write(`${JSON.stringify({ seed, ...exploration, file })}\n`);
  else
    print(
      [
        `${counted(found.steps.length)} broke an invariant: ${found.steps.map(asCode).join(', ')}`,
        found.reason,
        `found after ${(found.afterMs / 1000).toFixed(0)} s; ${summary}`,
        `to run it, copy ${file} to scenarios/: npm run scenario -- ${name}`,
        '',
      ].join('\n'),
    );
  return EXIT.failed;
}
