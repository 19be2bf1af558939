import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJournalLine } from '../../observations/journal-line.ts';
import type { Observation } from '../../observations/observation.ts';
import type { RunResult } from '../../result/result.ts';
import { runFolder } from '../content/run-label.ts';

/** What the page shows of a run besides result.json; all instants are ms relative to the fault. */
export interface RunPicture {
  readonly fromMs: number;
  readonly toMs: number;
  readonly requests: RequestStream;
  readonly holders: readonly Holder[];
  readonly log: readonly LogLine[];
}

/** The requests, counted over equal spaces of time. */
export interface RequestStream {
  readonly spaceMs: number;
  /** Nodes that answered; their order is that of `answered`. */
  readonly nodes: readonly string[];
  readonly counts: readonly { readonly answered: readonly number[]; readonly lost: number }[];
}

/** A node had the VIP; `heard` is false where it fell silent, so that its kernel could no longer report. */
export interface Holder {
  readonly node: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly heard: boolean;
}

export interface LogLine {
  readonly atMs: number;
  readonly source: string;
  readonly text: string;
}

const BEFORE_MS = 1000;
const AFTER_MS = 1000;
/** A machine that a fault strikes down may still send something for so long. */
const DYING_MS = 1000;
const SPACES_MAX = 100;
const SPACE_MIN_MS = 50;

/** Reads a run's folder; missing files leave their part empty. */
export async function readRunPicture(
  reports: string,
  run: RunResult,
  logLinesMax: number,
): Promise<RunPicture | undefined> {
  const folder = runFolder(run);
  if (!folder || !run.faultAt) return undefined;
  const history = (await readFile(join(reports, folder, 'observations.jsonl'), 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Observation);
  const journals = await Promise.all(
    run.artifacts.logs.map(async (log) => ({
      source: /([^/]+)\.journal\.log$/.exec(log)?.[1] ?? log,
      text: await readFile(join(reports, log), 'utf8').catch(() => ''),
    })),
  );
  return pictureOf(run, run.faultAt, history, journals, logLinesMax);
}

/** The picture of a run around an instant. */
export function pictureOf(
  run: RunResult,
  around: NonNullable<RunResult['faultAt']>,
  history: readonly Observation[],
  journals: Parameters<typeof logAround>[0],
  logLinesMax: number,
): RunPicture {
  const faultNs = BigInt(around.ns);
  const toMs = Math.min(endOf(run), observedUntil(history, faultNs));
  return {
    fromMs: -BEFORE_MS,
    toMs,
    requests: requestStream(history, faultNs, -BEFORE_MS, toMs),
    holders: holdersOf(run, toMs),
    log: logAround(journals, faultNs, toMs, logLinesMax),
  };
}

/** The end of the picture: a little after the last instant that matters. */
function endOf({ metrics, events }: RunResult): number {
  const { detection, vipAdded, neighbourUpdate, firstSuccess } = metrics;
  const instants = [detection, vipAdded, neighbourUpdate, firstSuccess].filter((ms) => ms !== undefined);
  const told = events.filter(({ kind }) => kind === 'request' || kind === 'heal').map(({ atMs }) => atMs);
  return Math.max(AFTER_MS, ...instants, ...told) + AFTER_MS;
}

/** The last instant that the observers told of: after it nothing is known, and nothing is drawn. */
function observedUntil(history: readonly Observation[], faultNs: bigint): number {
  const last = history.reduce((ns, { atNs }) => (BigInt(atNs) > ns ? BigInt(atNs) : ns), 0n);
  return last === 0n ? Number.POSITIVE_INFINITY : Number(last - faultNs) / 1e6;
}

/** Counts requests by when they were sent, so that a page of hundreds of runs stays small. */
export function requestStream(
  history: readonly Observation[],
  faultNs: bigint,
  fromMs: number,
  toMs: number,
): RequestStream {
  const spaceMs = Math.max(SPACE_MIN_MS, Math.ceil((toMs - fromMs) / SPACES_MAX / 10) * 10);
  const nodeOf = new Map<string, string>();
  for (const entry of history) {
    if (entry.kind === 'frame' && entry.direction === 'in' && entry.frame.type === 'vrrp')
      nodeOf.set(entry.frame.sourceIp, entry.port);
  }
  const nodes: string[] = [];
  const counts = Array.from({ length: Math.ceil((toMs - fromMs) / spaceMs) }, () => ({
    answered: [] as number[],
    lost: 0,
  }));
  for (const entry of history) {
    if (entry.kind !== 'request') continue;
    const atMs = Number(BigInt(entry.atNs) - faultNs) / 1e6;
    const count = counts[Math.floor((atMs - fromMs) / spaceMs)];
    if (!count) continue;
    if (entry.outcome === 'failed') {
      count.lost++;
      continue;
    }
    const node = nodeOf.get(entry.servedBy ?? '') ?? entry.servedBy ?? 'unknown';
    if (!nodes.includes(node)) nodes.push(node);
    const n = nodes.indexOf(node);
    count.answered[n] = (count.answered[n] ?? 0) + 1;
  }
  return { spaceMs, nodes, counts };
}

/** As events tell: between the last two advertisements before the fault. */
function advertisedEachMs(events: RunResult['events']): number | undefined {
  const [before, last] = events.filter(({ kind, atMs }) => kind === 'advertisement' && atMs <= 0).slice(-2);
  return before && last && last.atMs - before.atMs;
}

/** Who had the VIP, from the addresses that came and went and, before the fault, from who advertised. */
export function holdersOf({ events, faultAt }: RunResult, toMs: number): Holder[] {
  if (!faultAt) return [];
  const first = events.find((event) => event.kind === 'advertisement' && event.atMs <= 0)?.source;
  const open = new Map<string, number>();
  // A lab's first election may be that close.
  const moved = events.find(({ kind, source }) => kind === 'address' && source === first);
  const tookIt = moved !== undefined && moved.atMs <= 0 && moved.detail.includes('added');
  if (first && !tookIt) open.set(first, -BEFORE_MS);
  const holders: Holder[] = [];
  for (const { kind, source, detail, atMs } of events) {
    if (kind !== 'address') continue;
    const fromMs = open.get(source);
    if (detail.includes('added') && fromMs === undefined) open.set(source, Math.max(-BEFORE_MS, atMs));
    if (detail.includes('removed') && fromMs !== undefined) {
      holders.push({ node: source, fromMs, toMs: atMs, heard: true });
      open.delete(source);
    }
  }
  const struck = events.find((event) => event.kind === 'fault')?.source;
  // One that goes on would have advertised once more by then.
  const isLong = toMs > DYING_MS + (advertisedEachMs(events) ?? DYING_MS);
  for (const [node, fromMs] of open) {
    const silent =
      isLong && node === struck && !events.some((event) => event.source === node && event.atMs > DYING_MS);
    if (silent && fromMs < 0) {
      holders.push({ node, fromMs, toMs: 0, heard: true }, { node, fromMs: 0, toMs, heard: false });
    } else holders.push({ node, fromMs, toMs, heard: true });
  }
  return holders.sort((a, b) => a.fromMs - b.fromMs);
}

/** The journals' lines from shortly before the fault, in one order; `max` bounds the page's size. */
export function logAround(
  journals: readonly { readonly source: string; readonly text: string }[],
  faultNs: bigint,
  toMs: number,
  max: number,
): LogLine[] {
  const lines = journals.flatMap(({ source, text }) =>
    text.split('\n').flatMap((line): LogLine[] => {
      const read = readJournalLine(source, line);
      if (!read) return [];
      const atMs = Number(BigInt(read.atNs) - faultNs) / 1e6;
      return atMs < -200 || atMs > toMs ? [] : [{ atMs, source, text: read.text.slice(0, 200) }];
    }),
  );
  return lines.sort((a, b) => a.atMs - b.atMs).slice(0, max);
}
