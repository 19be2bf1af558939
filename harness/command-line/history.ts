import { readFile, writeFile } from 'node:fs/promises';
import Table from 'cli-table3';
import { trendOf } from '../history/background.ts';
import { entryOf } from '../history/entry.ts';
import { MINIMUM_EFFECT_MS } from '../history/gate.ts';
import { fromJsonLines, toJsonLines } from '../history/json-lines.ts';
import { type Filter, History } from '../history/store.ts';
import { readResult } from '../report/result.ts';
import { UsageError } from '../scenario/parameters.ts';
import { EXIT } from './errors.ts';
import { fromUser, historyFile } from './places.ts';

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

/** `history`: what earlier results measured, with change points; imports and exports. */
export async function history(options: HistoryOptions): Promise<number> {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const filter = filterOf(options);
  const imported = options.import === undefined ? [] : await fileEntries(options.import);
  const added = options.add === undefined ? [] : [entryOf(await readResult(fromUser(options.add)))];
  using store = History.open(historyFile(options));
  if (options.import !== undefined || options.add !== undefined) {
    const offered = [...imported, ...added];
    say(`${store.add(offered)} of ${offered.length} results were new`);
    return EXIT.ok;
  }
  const entries = store.entries(filter);
  if (options.export !== undefined) {
    const text = toJsonLines(entries);
    if (options.export === '-') process.stdout.write(text);
    else await writeFile(fromUser(options.export), text);
    say(`${entries.length} results exported`);
    return EXIT.ok;
  }
  const trend = trendOf(entries, MINIMUM_EFFECT_MS);
  if (options.json) process.stdout.write(`${JSON.stringify(trend)}\n`);
  else process.stdout.write(`${trendTable(trend)}\n`);
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

function trendTable(trend: ReturnType<typeof trendOf>): string {
  if (trend.length === 0) return 'The history holds nothing of the kind.';
  const table = new Table({
    head: ['scenario', 'began', 'result', 'status', 'runs', 'outage ms', 'excess ms', 'environment', ''],
    style: { head: [], border: [] },
  });
  const cell = (level: { median: number } | undefined) => (level ? level.median.toFixed(0) : '–');
  for (const { scenario, startedAt, id, status, n, outage, excess, fingerprint, changePoint } of trend) {
    const began = startedAt.slice(0, 16).replace('T', ' ');
    table.push([scenario, began, id, status, n, cell(outage), cell(excess), fingerprint, changePoint ?? '']);
  }
  return table.toString();
}
