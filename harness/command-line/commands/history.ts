import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { closest } from 'fastest-levenshtein';
import { trendOf } from '../../compare/history/background.ts';
import { entryOf } from '../../compare/history/entry.ts';
import { fromJsonLines, toJsonLines } from '../../compare/history/json-lines.ts';
import { MINIMUM_EFFECT_MS } from '../../compare/history/limits.ts';
import { type Filter, History } from '../../compare/history/store.ts';
import { PACKETS_ARE, range, summaryFigure } from '../../report/content/figures.ts';
import { table } from '../../report/terminal-text.ts';
import { readResult } from '../../result/result.ts';
import { UsageError } from '../../usage-error.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { count, history as historyOption, json, RUNS_MAX, reports, takes } from '../options.ts';
import { fromUser, historyFile, writeNamedFile } from '../places.ts';
import { print } from '../print.ts';

export interface HistoryOptions {
  readonly scenario?: string;
  readonly fingerprint?: string;
  readonly since?: string;
  readonly last?: number;
  readonly import?: string;
  readonly export?: string;
  readonly add?: string;
  readonly history?: string;
  readonly reports: string;
  readonly json?: boolean;
}

export const group: Group = 'Compare';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('history')
    .description('Shows what earlier results measured; imports and exports them.')
    .addOption(takes('--scenario <scenario>', 'Shows only this scenario.', { otherwise: 'all' }))
    .addOption(takes('--fingerprint <digest>', 'Shows only this environment.', { otherwise: 'all' }))
    .addOption(takes('--since <date>', 'Shows only results from this date on.', { otherwise: 'all' }))
    .addOption(takes('--last <n>', 'Shows only the newest n.', { parse: count(RUNS_MAX), otherwise: 'all' }))
    .addOption(takes('--add <folder>', 'Adds the result of this report.', {}))
    .addOption(takes('--import <file>', 'Adds the results of an export, all or none.', {}))
    .addOption(takes('--export <file>', 'Writes the results as JSON lines; - is standard output.', {}))
    .addOption(historyOption('Uses this history.'))
    .addOption(reports('Looks for the history in this folder.'))
    .addOption(json('Prints the points of the trend as JSON.'))
    .example('npm run history -- --scenario master-kill --last 20')
    .action(async (options) => finish(await history(options)));
}

/** `history`: what earlier results measured, with change points; imports and exports. */
export async function history(options: HistoryOptions): Promise<number> {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const filter = filterOf(options);
  const imported = options.import === undefined ? [] : await fileEntries(options.import);
  const added = options.add === undefined ? [] : [entryOf(await readResult(fromUser(options.add)))];
  const file = historyFile(options);
  const reads = options.import === undefined && options.add === undefined;
  if (reads && options.history !== undefined && !existsSync(file))
    throw new UsageError(`--history takes a file of results; there is none at "${file}".`);
  using store = History.open(file);
  if (options.import !== undefined || options.add !== undefined) {
    const offered = [...imported, ...added];
    say(`${store.add(offered)} of ${offered.length} results were new`);
    return EXIT.ok;
  }
  const entries = store.entries(filter);
  if (options.scenario !== undefined && entries.length === 0) {
    const names = store.entries().flatMap(({ scenarios }) => scenarios.map(({ name }) => name));
    if (names.length > 0 && !names.includes(options.scenario))
      throw new UsageError(
        `--scenario: the history holds no "${options.scenario}"; the nearest is ${closest(options.scenario, names)}.`,
      );
  }
  if (options.export !== undefined) {
    const text = toJsonLines(entries);
    if (options.export === '-') process.stdout.write(text);
    else await writeNamedFile(fromUser(options.export), '--export', text);
    say(`${entries.length} results exported`);
    return EXIT.ok;
  }
  const trend = trendOf(entries, MINIMUM_EFFECT_MS);
  if (options.json) process.stdout.write(`${JSON.stringify(trend)}\n`);
  else print(`${trendText(trend)}\n`);
  return EXIT.ok;
}

async function fileEntries(path: string) {
  const file = fromUser(path);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--import: ${file} cannot be read (${error.code}).`);
  });
  return fromJsonLines(text, file);
}

function filterOf({ scenario, fingerprint, since, last }: HistoryOptions): Filter {
  const from = since === undefined ? undefined : new Date(since);
  if (from && Number.isNaN(from.getTime())) {
    throw new UsageError(`--since takes a date such as 2026-01-31; found "${since}".`);
  }
  return {
    ...(scenario !== undefined && { scenario }),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(from && { since: from }),
    ...(last !== undefined && { last }),
  };
}

/** A table for each scenario; the environment is a column where it differs. */
function trendText(trend: ReturnType<typeof trendOf>): string {
  if (trend.length === 0) return 'The history holds no such result.';
  const write = (ms: number) => ms.toFixed(0);
  const environments = new Set(trend.map(({ fingerprint }) => fingerprint));
  const only = <T>(value: T) => (environments.size > 1 ? [value] : []);
  const head = ['result', 'status', 'runs', 'requests ms', 'packets ms', 'demanded ms', 'excess ms'];
  const tables = [...Map.groupBy(trend, ({ scenario }) => scenario)].map(([scenario, points]) => {
    const rows = points.map(({ id, status, outage, packetOutage, excess, demanded, ...point }) => {
      const level = (each: typeof outage) => summaryFigure(point, each?.median, write);
      return [
        ...[id, status, point.n, level(outage), level(packetOutage)],
        ...[demanded ? range(demanded, write) : '–', level(excess)],
        ...only(point.fingerprint),
        point.changePoint ?? '',
      ];
    });
    return `${scenario}\n${table([...head, ...only('environment'), ''], rows)}`;
  });
  const same = environments.size > 1 ? [] : [`All results are from environment ${[...environments][0]}.`];
  const words = `Outages are medians for a fault right after an advertisement. Requests tell what clients get; packets are ${PACKETS_ARE}.`;
  return [...tables, words, ...same].join('\n\n');
}
