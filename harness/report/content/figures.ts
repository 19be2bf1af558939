import type { Interval } from '../../analysis/statistics/compare.ts';
import { figure } from '../../analysis/statistics/milliseconds.ts';
import type { Summary } from '../../analysis/statistics/summary.ts';
import type { RunResult } from '../../result/result.ts';

/** What the packets' outage is, wherever it stands beside the requests'. */
export const PACKETS_ARE =
  'pings, which the kernel answers: timed more exactly, and blind to a process that hangs';

/** `3612 ms`, `2648 ms to 3648 ms` where the ends differ, `100 ms or more` where nothing bounds it. */
export function range(
  { min, max }: { readonly min: number; readonly max: number },
  write: (ms: number) => string = figure,
): string {
  if (max === Number.POSITIVE_INFINITY) return `${write(min)} or more`;
  return max - min < 0.5 ? write(min) : `${write(min)} to ${write(max)}`;
}

/**
 * How an outage is written wherever one stands: `3141 ms`, or `at least 27801 ms, not over` where the service had
 * not returned when observation ended.
 */
export function outageText(
  ms: number,
  over: boolean | undefined,
  write: (ms: number) => string = figure,
): string {
  return over === false ? `at least ${write(ms)}, not over` : write(ms);
}

/** Where a fault struck between two advertisements. */
export function phaseText(advertPhaseMs: number, write: (ms: number) => string = figure): string {
  return advertPhaseMs < 0
    ? `for a fault whose victim still advertised ${write(-advertPhaseMs)} after it`
    : `for a fault ${write(advertPhaseMs)} after the last advertisement`;
}

/** `not over in 2 of 3 runs`; nothing where all were. */
export function notOverText({ n, notOver }: Pick<Summary, 'n' | 'notOver'>): string | undefined {
  return notOver > 0 ? `not over in ${notOver} of ${n} ${n === 1 ? 'run' : 'runs'}` : undefined;
}

/** A figure of a summary; where it lies beyond what was seen, what is known instead. */
export function summaryFigure(
  summary: Pick<Summary, 'n' | 'notOver'> | undefined,
  value: number | null | undefined,
  write: (ms: number) => string = figure,
): string {
  if (!summary || value === undefined) return '–';
  return value === null ? (notOverText(summary) ?? '–') : write(value);
}

/** `12.0 ms to 61.0 ms`; an end that lies beyond what was seen has no figure. */
export function intervalText(interval: Interval | null, write: (ms: number) => string = figure): string {
  if (!interval) return 'too few runs';
  const [low, high] = interval;
  if (low === null && high === null) return 'without bounds';
  if (low === null) return `up to ${write(high ?? 0)}`;
  return high === null ? `from ${write(low)} on` : `${write(low)} to ${write(high)}`;
}

/** ` (31 time-out, 4 503)`: what became of the requests that were lost; nothing where nobody looked. */
export function lossesText({ losses = {} }: Pick<RunResult, 'losses'>): string {
  const kinds = Object.entries(losses).map(([kind, count]) => `${count} ${kind}`);
  return kinds.length > 0 ? ` (${kinds.join(', ')})` : '';
}

/** What clients saw besides the outage, a sentence each: late answers, and a service that was only partly back. */
export function aftermathText({
  metrics,
  degraded,
}: Pick<RunResult, 'metrics' | 'degraded'>): readonly string[] {
  const { delayed = 0, delayedMax = 0 } = metrics;
  const requests = delayed === 1 ? '1 request' : `${delayed} requests`;
  const late = `delayed: ${requests} sent meanwhile, answered late by up to ${figure(delayedMax)}`;
  return [
    ...(delayed > 0 ? [late] : []),
    ...(degraded
      ? [
          `degraded from ${figure(degraded.sinceMs)} after the fault ${degraded.untilMs === undefined ? 'on' : `to ${figure(degraded.untilMs)}`}: ${(100 * degraded.failedShare).toFixed(0)} % of the requests failed`,
        ]
      : []),
  ];
}
