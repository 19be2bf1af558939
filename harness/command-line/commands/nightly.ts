import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { backgroundOf } from '../../compare/history/background.ts';
import { entryOf } from '../../compare/history/entry.ts';
import { type Finding, sentenceOf } from '../../compare/history/gate.ts';
import { History } from '../../compare/history/store.ts';
import { writeBackground } from '../../report/content/background.ts';
import { pointLatestTo, writeReport } from '../../report/files.ts';
import { capacityFor, requireRoom } from '../../run/capacity.ts';
import { durationsOf } from '../../run/night/ledger.ts';
import { runNight } from '../../run/night/night.ts';
import {
  type NightState,
  readNightState,
  unfinishedNight,
  writeNightState,
} from '../../run/night/night-state.ts';
import { parseShard, shardOf } from '../../run/night/shard.ts';
import { parseQueueUrl } from '../../run/queue/queue-url.ts';
import { among, namedOrAll } from '../../scenario/catalogue.ts';
import { parametersFor } from '../../scenario/parameters.ts';
import { UsageError } from '../../usage-error.ts';
import { atRef } from '../at-ref.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT, exitCodeOf } from '../errors.ts';
import {
  budget,
  history as historyOption,
  json,
  labOptions,
  minimumDemand,
  minimumEffect,
  parallel,
  queue,
  reports,
  reuse,
  seed,
  shard,
  systemNamed,
  takes,
} from '../options.ts';
import { fromUser, historyFile, makeNamedFolder, reportId, reportsFolder } from '../places.ts';
import { printResult, sayBroken } from '../print.ts';
import { queuedRuns } from '../queued.ts';
import { workbench } from '../workbench.ts';

export interface NightlyOptions {
  /** ms */
  readonly budget: number;
  readonly resume?: string | true;
  readonly baseline: string;
  readonly minimumEffect: number;
  readonly minimumDemand: number;
  readonly acceptDemand?: boolean;
  readonly mixed?: boolean;
  readonly reuse?: boolean;
  readonly shard?: string;
  readonly queue?: string;
  readonly parallel?: number;
  readonly set: readonly string[];
  readonly seed?: number;
  readonly with: readonly string[];
  readonly history?: string;
  readonly reports: string;
  readonly json?: boolean;
}

export const group: Group = 'Measure';

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  const command = cli
    .command('nightly')
    .description('Runs the catalogue within a time budget, and compares it with earlier nights.')
    .argument('[scenarios...]', 'Names of scenarios. Default: all.')
    .addOption(budget('Ends the night after this time.', '2h'))
    .option('--resume [folder]', 'Continues an interrupted night; the newest, if no folder is given.')
    .addOption(
      takes(
        '--baseline <id>',
        'Compares with this result; rolling means earlier nights of this environment.',
        {
          unset: 'rolling',
        },
      ),
    )
    .addOption(minimumEffect())
    .addOption(minimumDemand())
    .option(
      '--accept-demand',
      'Accepts a change of what the configuration demands: reports it, raises no alarm, and makes it the new baseline.',
    )
    .option(
      '--mixed',
      'Compares with a baseline of another environment too, and takes workers on any machine.',
    )
    .addOption(shard())
    .addOption(queue())
    .addOption(reuse())
    .addOption(parallel());
  labOptions(command)
    .addOption(seed())
    .addOption(historyOption())
    .addOption(reports())
    .addOption(json('Prints result.json with the findings; all else goes to standard error.'))
    .example('npm run nightly -- --budget 90m')
    .action(async (names, options) =>
      finish(await atRef(options, signal, () => nightly(names, options, signal))),
    );
}

/** `nightly`: the catalogue under a time budget, compared with earlier nights. */
export async function nightly(
  names: readonly string[],
  options: NightlyOptions,
  signal: AbortSignal,
): Promise<number> {
  const address = options.queue === undefined ? undefined : parseQueueUrl(options.queue);
  const reports = reportsFolder(options.reports);
  makeNamedFolder(reports, '--reports');
  using history = History.open(historyFile(options));
  if (options.baseline !== 'rolling') history.entry(options.baseline);
  const { folder, state } = await openNight(names, options, reports, history);
  const { scenarios, broken: lost } = await among(state.scenarios);
  if (scenarios.length === 0 && lost[0]) throw new UsageError(lost[0].sentence);
  const { broken } = await namedOrAll(names);
  sayBroken(broken);
  for (const chosen of scenarios) parametersFor(chosen.parameters, state.set);
  const system = systemNamed(state.with, state.set);
  const { engine, images } = await workbench(system);
  if (!address) await requireRoom(engine, options.parallel);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  await using queued = await queuedRuns(
    address,
    { engine, images },
    { night: state.id, machine: state.machines?.[0], mixed: state.mixed, say, signal },
  );
  const capacity = await capacityFor(engine);
  const parallel = options.parallel ?? capacity.labs;
  const places = queued
    ? 'performed by workers'
    : `${options.parallel ? parallel : `up to ${parallel}`} labs at once${options.parallel ? '' : ` (${capacity.reason}; fewer while the machine is busy)`}`;
  say(`${engine.describe()}; ${scenarios.length} scenarios, ${places}, seed ${state.seed}`);
  say(
    `if interrupted, go on with: npm run nightly -- --resume ${folder}${queued ? ' and the same --queue' : ''}`,
  );
  makeNamedFolder(folder, '--reports');
  await writeNightState(folder, state);
  const earlier = history.entries();
  const { result, findings } = await runNight({
    engine,
    images,
    scenarios,
    folder,
    state,
    parallel: () => options.parallel ?? queued?.places ?? capacity.labs,
    queued,
    followPressure: options.parallel === undefined && !queued,
    history: earlier,
    say,
    signal,
  });
  const alarms = findings.filter(({ verdict }) => verdict === 'alarm').map(({ scenario }) => scenario);
  await writeBackground(folder, backgroundOf(findings, earlier, state.minimumEffectMs));
  await writeReport(folder, result);
  await pointLatestTo(folder);
  history.add([entryOf(result, alarms)]);
  await writeNightState(folder, { ...(await readNightState(folder)), done: true });
  printResult(
    result,
    [gateText(findings, state.minimumEffectMs), folder],
    options.json ? { ...result, findings } : undefined,
  );
  return alarms.length > 0 ? EXIT.failed : exitCodeOf(result, broken);
}

/** A night as it goes on or will begin: the folder of a new one is not made yet, as it may still be refused. */
async function openNight(
  names: readonly string[],
  options: NightlyOptions,
  reports: string,
  history: History,
): Promise<{ folder: string; state: NightState }> {
  if (options.resume) {
    const { folder, state } = await begun(options.resume, reports);
    if (state.queued !== (options.queue !== undefined)) {
      throw new UsageError(
        state.queued
          ? `--resume: workers performed the runs of ${state.id}: give --queue as it was begun with.`
          : `--queue: this machine performed the runs of ${state.id}: resume it without a queue.`,
      );
    }
    return {
      folder,
      state: { ...state, acceptDemand: state.acceptDemand || (options.acceptDemand ?? false) },
    };
  }
  const { scenarios: all } = await namedOrAll(names);
  const wanted = all.map(({ name }) => name);
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const id = reportId('night');
  return {
    folder: join(reports, id),
    state: {
      stateVersion: 1,
      id,
      startedAt: new Date().toISOString(),
      command: [
        ...['npm run nightly --', ...names, ...options.set.map((pair) => `--set ${pair}`)],
        ...options.with.map((pair) => `--with ${pair}`),
      ].join(' '),
      seed: options.seed ?? randomInt(1, 2 ** 31),
      set: [...options.set],
      with: [...options.with],
      scenarios: [...(shard ? shardOf(wanted, durationsOf(history.entries()), shard) : wanted)],
      budgetMs: options.budget,
      spentMs: 0,
      baseline: options.baseline,
      minimumEffectMs: options.minimumEffect,
      minimumDemandMs: options.minimumDemand,
      acceptDemand: options.acceptDemand ?? false,
      mixed: options.mixed ?? false,
      reuse: options.reuse ?? false,
      ...(shard && { shard }),
      queued: options.queue !== undefined,
      confirmation: {},
      done: false,
    },
  };
}

async function begun(resume: string | true, reports: string): Promise<{ folder: string; state: NightState }> {
  if (resume === true) return unfinishedNight(reports);
  const folder = fromUser(resume);
  return { folder, state: await readNightState(folder) };
}

/** The gate's findings, the alarms first; unchanged scenarios are only counted. */
function gateText(findings: readonly Finding[], minimumEffectMs: number): string {
  const quiet = new Set<Finding['verdict']>(['same', 'undecided', 'no baseline']);
  const told = findings.filter(({ verdict, demand }) => !quiet.has(verdict) || demand === 'accepted');
  const counts = [...quiet].flatMap((verdict) => {
    const count = findings.filter((finding) => finding.verdict === verdict).length;
    return count > 0 ? [`${count} ${verdict}`] : [];
  });
  const alarmsFirst = [...told].sort((a, b) => Number(b.verdict === 'alarm') - Number(a.verdict === 'alarm'));
  return [
    'compared with the baseline:',
    ...alarmsFirst.map((finding) => sentenceOf(finding, minimumEffectMs)),
    counts.join(', '),
  ]
    .filter((line) => line !== '')
    .join('\n  ');
}
