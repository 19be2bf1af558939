import { summarise } from '../../analysis/statistics/summary.ts';
import type { Measured, Row } from './blocks.ts';
import { together } from './latency.ts';
import type { Figure, LatencyStanding, Percentile } from './standing.ts';

/** What a review of waits is made from. */
export interface LatencyReview {
  readonly a: LatencySide;
  readonly b: LatencySide;
  readonly standing: LatencyStanding;
  readonly minimumEffectMs: number;
  readonly command: string;
}

export interface LatencySide {
  /** As it was given. */
  readonly text: string;
  /** The commit, or the working tree. */
  readonly version: string;
  /** What runs in its amphorae. */
  readonly programs: string;
  readonly measured: Measured;
}

/** What each row of a table of waits is about. */
export const ROW_WORDS: Readonly<Record<Row, string>> = {
  steady: 'steady, on a schedule',
  'closed loop': 'steady, one client in a closed loop',
  reloads: 'reloads of HAProxy, on a schedule',
  failover: 'failover, on a schedule',
};
const PERCENTILE_WORDS: Readonly<Record<Percentile, string>> = { p50: 'p50', p99: 'p99', p999: 'p99.9' };

/** How the waits are measured, in one sentence. */
export const MEASURED_HOW =
  "A wait is measured at the client's interface by the kernel's clock, from the SYN out to the last byte of the answer in, with the client's own part in between at its median.";

/** A wait, ms: to the microsecond where that is more than noise. */
export function waitText(ms: number): string {
  return ms.toFixed(Math.abs(ms) < 10 ? 3 : 0);
}

/** The verdict in one sentence. */
export function latencyVerdict({ a, b, standing }: LatencyReview): string {
  const { verdict, figures } = standing;
  const sides = `A is ${a.text}, B is ${b.text}.`;
  const named = (which: string) =>
    figures.filter(({ comparison }) => comparison.verdict === which).map(nameOf);
  const shifts = (which: string) =>
    figures.filter(({ comparison }) => comparison.verdict === which).map(shiftText);
  switch (verdict) {
    case 'slower':
      return `Requests wait longer with B: ${shifts('slower').join('; ')}. ${sides}`;
    case 'faster':
      return `Requests wait less with B: ${shifts('faster').join('; ')}. ${sides}`;
    case 'same': {
      const open = named('undecided');
      const rest = open.length > 0 ? ` Undecided: ${open.join('; ')}.` : '';
      return `Requests wait the same with A and B: ${shifts('same').join('; ')}.${rest} ${sides}`;
    }
    case 'undecided':
      return `Undecided: the blocks so far cannot tell A from B. ${sides}`;
  }
}

/** review.md: verdict and table, for a comment on a change. */
export function latencyReview(review: LatencyReview): string {
  const { a, b, standing, minimumEffectMs, command } = review;
  return [
    `## Waiting: ${a.text} against ${b.text}`,
    '',
    `**${latencyVerdict(review)}**`,
    '',
    '| median of the blocks, ms (95 % interval) | A | B | B − A | verdict |',
    '|---|---:|---:|---:|---|',
    ...standing.figures.map(
      (figure) =>
        `| ${nameOf(figure)} | ${level(figure, figure.a)} | ${level(figure, figure.b)} | ${differenceText(figure)} | ${figure.comparison.verdict} |`,
    ),
    '',
    `${MEASURED_HOW} On a schedule, a request is sent every 4 ms whatever became of the earlier ones, so that none waits unseen. A difference matters from ${minimumEffectMs * 1000} µs or 5 % on, whichever is more; intervals of B − A hold for all figures and looks together.`,
    '',
    `A: ${sideText(a)}. B: ${sideText(b)}. Two labs side by side, of which one is measured at a time, A B B A.`,
    '',
    `\`${command}\``,
    '',
  ].join('\n');
}

function nameOf({ row, percentile }: Figure): string {
  if (row === 'connections' || percentile === undefined) return 'connections a second, 16 clients';
  return `${ROW_WORDS[row]}: ${PERCENTILE_WORDS[percentile]}`;
}

/** A figure of one side: its median, and the interval of that. */
function level({ row }: Figure, values: readonly number[]): string {
  // The median of rates is the rate of the median.
  const { median, ci95 } = summarise(row === 'connections' ? values.map((ms) => 1000 / ms) : values);
  const write = row === 'connections' ? (rate: number) => rate.toFixed(0) : waitText;
  return `${write(median)}${ci95 ? ` (${write(ci95[0])} to ${write(ci95[1])})` : ''}`;
}

function differenceText({ row, a, b, comparison }: Figure): string {
  if (row === 'connections') {
    const [before, after] = [a, b].map((values) => 1000 / summarise(values).median);
    return signed((after ?? 0) - (before ?? 0), (rate) => rate.toFixed(0));
  }
  const { effect, interval } = comparison;
  const ends = interval?.map((end) => (end === null ? '?' : signed(end, waitText)));
  return `${signed(effect, waitText)}${ends ? ` (${ends.join(' to ')})` : ''}`;
}

function shiftText(figure: Figure): string {
  return `${nameOf(figure)} ${differenceText(figure)}${figure.row === 'connections' ? '' : ' ms'}`;
}

function signed(value: number, write: (size: number) => string): string {
  return `${value < 0 ? '−' : '+'}${write(Math.abs(value))}`;
}

function sideText({ text, version, programs, measured }: LatencySide): string {
  const { answeredMs, failedMs, clientMs } = together(measured.blocks.map(({ waits }) => waits));
  const lateMs = Math.max(0, ...measured.blocks.map((block) => block.lateMs));
  const lost = measured.blocks.filter(({ waits }) => waits.lostPackets > 0).length;
  return [
    `${text}, ${version}, ${programs}`,
    `${answeredMs.length + failedMs.length} requests in ${measured.blocks.length} blocks, ${failedMs.length} failed`,
    `the client's own part of a wait is ${waitText(clientMs)} ms in the median, and it was at most ${waitText(lateMs)} ms late`,
    ...(lost > 0 ? [`${lost} blocks are left out, as their captures lost packets`] : []),
  ].join('; ');
}
