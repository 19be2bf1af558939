import { Option } from 'commander';
import { FollowedRuns } from '../../live/followed.ts';
import { showProgress } from '../../report/progress-view.ts';
import { timingsText } from '../../report/terminal.ts';
import { capacityFor, requireRoom } from '../../run/capacity.ts';
import { collectResult } from '../../run/collect.ts';
import { machineOf } from '../../run/machine.ts';
import { parseShard, shardOf } from '../../run/night/shard.ts';
import { evenJobs } from '../../run/plan.ts';
import { parseQueueUrl } from '../../run/queue/queue-url.ts';
import { runScenarios } from '../../run/run-scenarios.ts';
import { writeUnfinished } from '../../run/unfinished.ts';
import { readyWorker } from '../../run/worker.ts';
import { catalogue, namedOrAll, scenariosNamed } from '../../scenario/catalogue.ts';
import { explanation, listing } from '../../scenario/explain.ts';
import { parametersFor } from '../../scenario/parameters.ts';
import { newSeed } from '../../scenario/phases.ts';
import { UsageError } from '../../usage-error.ts';
import { atRef } from '../at-ref.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { earlierDurations } from '../earlier-durations.ts';
import { EXIT, exitCodeOf } from '../errors.ts';
import { openBrowser, showSite, untilInterrupted } from '../live-page.ts';
import { npmTiming } from '../npm-timing.ts';
import {
  json,
  labOptions,
  parallel,
  queue,
  reports,
  reuse,
  runs,
  seed,
  shard,
  systemNamed,
  takes,
} from '../options.ts';
import { historyFile, newReport } from '../places.ts';
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
  readonly queue?: string;
  readonly reports: string;
  readonly with: readonly string[];
  readonly watch?: boolean;
  readonly keep?: boolean;
  readonly reuse?: boolean;
  readonly timings?: boolean;
  readonly ui?: boolean;
  readonly open?: boolean;
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
    .addOption(queue())
    .addOption(
      new Option(
        '--watch',
        'Repeats one scenario until Ctrl-C, and keeps the distribution on the screen.',
      ).conflicts(['runs', 'all', 'shard', 'keep', 'list', 'explain']),
    )
    .option('--keep', 'Leaves the lab of a failed run up, and prints how to enter it.')
    .addOption(reuse())
    .addOption(
      new Option(
        '--ui',
        'Shows the runs in a browser while they are performed, and replays them until Ctrl-C.',
      ).conflicts(['list', 'explain', 'watch', 'queue', 'keep']),
    )
    .addOption(openBrowser())
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
  // It loads while scenarios, engine and images are looked for.
  if (options.queue === undefined) readyWorker({ keep: options.keep ?? false });
  if (options.watch && names.length > 1)
    throw new UsageError(`--watch takes one scenario; found ${names.length}: ${names.join(', ')}.`);
  const address = options.queue === undefined ? undefined : parseQueueUrl(options.queue);
  if (address && options.keep)
    throw new UsageError('--keep cannot be combined with --queue: the labs belong to the workers.');
  if (options.all && names.length > 0) throw new UsageError('Give either names or --all.');
  // Running everything needs --all.
  const { scenarios: named, broken } = options.all
    ? await namedOrAll([])
    : { scenarios: await scenariosNamed(names), broken: [] };
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
  // Parameters and system are checked before a lab is built.
  const system = systemNamed(options.with, options.set);
  for (const chosen of scenarios) parametersFor(chosen.parameters, options.set);
  const { engine, images } = await workbench(system);
  const total = options.watch ? Number.POSITIVE_INFINITY : scenarios.length * options.runs;
  if (!address) await requireRoom(engine, options.parallel && Math.min(options.parallel, total));
  const { id, folder } = await newReport(options.reports);
  const seed = options.seed ?? newSeed(total);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const queues = address && (await import('../queued.ts'));
  await using queued = await queues?.queuedRuns(
    address,
    { engine, images },
    { night: id, mixed: false, say, signal },
  );
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
  const machines = queued?.machines;
  const begun = { ...plan, engine, scenarios, id, command, machines, startedAt: new Date() };
  const [capacity] = await Promise.all([
    capacityFor(engine),
    collectResult(begun).then((soFar) => writeUnfinished(folder, soFar)),
  ]);
  const parallel = Math.min(options.parallel ?? queued?.places ?? (options.watch ? 1 : capacity.labs), total);
  const atOnce = queued
    ? 'performed by workers'
    : parallel === 1
      ? 'one lab at once'
      : `${parallel} labs at once`;
  const why =
    options.parallel || queued || parallel < capacity.labs
      ? ''
      : ` at most (${capacity.reason}; fewer while the machine is busy)`;
  const runsAsked = options.watch ? 'runs until Ctrl-C' : total === 1 ? '1 run' : `${total} runs`;
  say(`${engine.describe()}; ${runsAsked}, ${atOnce}${why}, seed ${seed}`);
  // What writes the report is loaded while labs are built.
  const written = import('../../report/files.ts');
  const durationsMs = process.stderr.isTTY
    ? await earlierDurations(historyFile(options), machines?.[0] ?? (await machineOf(engine)))
    : {};
  const [watched] = scenarios;
  if (options.watch && watched) {
    const { watch } = await import('./scenario/watch.ts');
    const { result, summary } = await watch({
      ...{ engine, scenario: watched, plan, parallel, queued, durationsMs, id, command, signal },
    });
    const { pointLatestTo, writeReport } = await written;
    await writeReport(folder, result);
    await pointLatestTo(folder);
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    print(`${summary}\n${folder}\n`, options.json ? process.stderr : process.stdout);
    return exitCodeOf(result);
  }
  const title = scenarios.map(({ name }) => name).join(', ');
  const followed = options.ui ? new FollowedRuns(folder, title, total) : undefined;
  await using _served = followed && (await showSite(followed, options));
  const progress = showProgress(process.stderr, total, durationsMs);
  const ran = await runScenarios({
    engine,
    scenarios,
    plan,
    parallel,
    hire: queued && (() => queued.hire(plan)),
    machines,
    onPlaces: options.parallel || queued ? undefined : (sentence) => progress.note(sentence),
    id,
    command,
    progress: followed ? followed.beside(progress) : progress,
    signal,
  }).finally(() => progress[Symbol.dispose]());
  const result = { ...ran, ...(shard && { shard }), timings: [...npmTiming(), ...(ran.timings ?? [])] };
  const { pointLatestTo, writeReport } = await written;
  await writeReport(folder, result);
  await pointLatestTo(folder);
  const timings = options.timings ? [timingsText(result)] : [];
  printResult(result, [...timings, folder], options.json ? result : undefined);
  if (followed?.replay(result)) await untilInterrupted(signal);
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
