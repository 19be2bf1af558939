import { randomInt } from 'node:crypto';
import { showProgress } from '../../report/progress-view.ts';
import { timingsText } from '../../report/terminal.ts';
import { capacityFor } from '../../run/capacity.ts';
import { collectResult } from '../../run/collect.ts';
import { parseShard, shardOf } from '../../run/night/shard.ts';
import { evenJobs } from '../../run/plan.ts';
import { runScenarios } from '../../run/run-scenarios.ts';
import { writeUnfinished } from '../../run/unfinished.ts';
import { catalogue, namedOrAll, scenariosNamed } from '../../scenario/catalogue.ts';
import { explanation, listing } from '../../scenario/explain.ts';
import { parametersFor } from '../../scenario/parameters.ts';
import { UsageError } from '../../usage-error.ts';
import { atRef } from '../at-ref.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT, exitCodeOf } from '../errors.ts';
import { npmTiming } from '../npm-timing.ts';
import {
  json,
  labOptions,
  parallel,
  reports,
  reuse,
  runs,
  seed,
  shard,
  systemNamed,
  takes,
} from '../options.ts';
import { newReport } from '../places.ts';
import { print, printResult, sayBroken } from '../print.ts';
import { workbench } from '../workbench.ts';

export interface ScenarioOptions {
  readonly list?: boolean;
  readonly explain?: string;
  readonly all?: boolean;
  readonly runs: number;
  readonly parallel?: number;
  readonly set: readonly string[];
  readonly seed?: number;
  readonly shard?: string;
  readonly reports: string;
  readonly with: readonly string[];
  readonly keep?: boolean;
  readonly reuse?: boolean;
  readonly timings?: boolean;
  readonly json?: boolean;
}

export const group: Group = 'Measure';

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  const command = cli
    .command('scenario')
    .description('Runs scenarios, each in a lab of its own, and reports the outage.')
    .argument('[scenarios...]', 'Names of scenarios; --list shows them.')
    .option('--list', 'Lists the scenarios by their groups.')
    .addOption(
      takes('--explain <scenario>', 'Prints its story, prediction and checks, and runs nothing.', {}),
    )
    .option('--all', 'Runs every scenario.')
    .addOption(runs('Runs each scenario n times, with the faults spread over the advertisement interval.', 1))
    .addOption(parallel());
  labOptions(command)
    .addOption(seed())
    .addOption(reports())
    .addOption(shard())
    .option('--keep', 'Leaves the lab of a failed run up, and prints how to enter it.')
    .addOption(reuse())
    .option('--timings', 'Prints where the time went, and what of it the protocol demands.')
    .addOption(json('Prints result.json; all else goes to standard error.'))
    .example('npm run scenario -- master-kill --runs 10')
    .example('npm run scenario -- --explain port-cut')
    .action(async (names, options) =>
      finish(await atRef(options, signal, () => scenario(names, options, signal))),
    );
}

/** `scenario`: runs scenarios and reports them; the exit code is the verdict. */
export async function scenario(
  names: readonly string[],
  options: ScenarioOptions,
  signal: AbortSignal,
): Promise<number> {
  if (options.list) {
    const { scenarios, broken } = await catalogue();
    print(listing(scenarios));
    sayBroken(broken);
    return EXIT.ok;
  }
  if (options.explain !== undefined) {
    const [explained] = await scenariosNamed([options.explain]);
    if (explained) print(await explanation(explained, options.set));
    return EXIT.ok;
  }
  if (options.all && names.length > 0) throw new UsageError('Give either names or --all.');
  // Running everything needs --all.
  if (!options.all) await scenariosNamed(names);
  const { scenarios: named, broken } = await namedOrAll(names);
  sayBroken(broken);
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const mine =
    shard &&
    new Set(
      shardOf(
        named.map(({ name }) => name),
        {},
        shard,
      ),
    );
  const scenarios = named.filter(({ name }) => mine?.has(name) ?? true);
  // Parameters and system are checked before anything is started.
  const system = systemNamed(options.with, options.set);
  for (const chosen of scenarios) parametersFor(chosen.parameters, options.set);
  const { engine, images } = await workbench(system);
  const { id, folder } = await newReport(options.reports);
  const seed = options.seed ?? randomInt(1, 2 ** 31);
  const total = scenarios.length * options.runs;
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const capacity = await capacityFor(engine);
  const parallel = Math.min(options.parallel ?? capacity.labs, total);
  const atOnce = parallel === 1 ? 'one lab' : `${parallel} labs`;
  const why =
    options.parallel || parallel < capacity.labs
      ? ''
      : ` at most (${capacity.reason}; fewer while the machine is busy)`;
  say(`${engine.describe()}; ${total} run${total === 1 ? '' : 's'}, ${atOnce} at once${why}, seed ${seed}`);
  const plan = {
    folder,
    images,
    jobs: evenJobs(
      scenarios.map(({ name }) => name),
      options.runs,
      seed,
    ),
    seed,
    set: options.set,
    keep: options.keep ?? false,
    reuse: options.reuse ?? false,
  };
  const command = commandLine(names, options, seed);
  const begun = { ...plan, engine, scenarios, id, command, startedAt: new Date() };
  await writeUnfinished(folder, await collectResult(begun));
  // What writes the report is loaded while labs are built.
  const written = import('../../report/files.ts');
  using progress = showProgress(process.stderr, total);
  const ran = await runScenarios({
    engine,
    scenarios,
    plan,
    parallel,
    onPlaces: options.parallel ? undefined : (sentence) => progress.note(sentence),
    id,
    command,
    progress,
    signal,
  });
  const result = { ...ran, ...(shard && { shard }), timings: [...npmTiming(), ...(ran.timings ?? [])] };
  const { pointLatestTo, writeReport } = await written;
  await writeReport(folder, result);
  await pointLatestTo(folder);
  const timings = options.timings ? [timingsText(result)] : [];
  printResult(result, [...timings, folder], options.json ? result : undefined);
  return exitCodeOf(result, broken);
}

/** The command that does the same again. */
function commandLine(names: readonly string[], options: ScenarioOptions, seed: number): string {
  return [
    'npm run scenario --',
    ...(options.all ? ['--all'] : names),
    ...(options.runs === 1 ? [] : [`--runs ${options.runs}`]),
    ...options.set.map((pair) => `--set ${pair}`),
    ...options.with.map((pair) => `--with ${pair}`),
    ...(options.reuse ? ['--reuse'] : []),
    ...(options.shard ? [`--shard ${options.shard}`] : []),
    `--seed ${seed}`,
  ].join(' ');
}
