import { length } from '../analysis/statistics/milliseconds.ts';
import { summarise } from '../analysis/statistics/summary.ts';
import { range } from '../report/content/figures.ts';
import { METRICS, type MetricName } from '../report/metrics.ts';
import { isJudged, measuredOf } from '../result/measured.ts';
import type { RunResult } from '../result/result.ts';

/**
 * What a story says that was measured, by metric of result.json: ms or a count, or from and to. A metric of another
 * thing that was done in the run has its kind before it: `heal.outage`.
 */
export type Figures = Readonly<Record<string, number | readonly [number, number]>>;

/** How far a run may lie outside what was said before the story is wrong: figures are said with two digits. */
const ROUNDING = 0.05;
/** What two passes of an unchanged system differ by, ms. */
const REPEATABLE_MS = 25;

/**
 * A story with its figures in place of `{outage}`, `{heal.outage}` …
 *
 * @throws TypeError when there is no such figure
 */
export function withFigures(story: string, figures: Figures): string {
  return story.replace(/\{([\w.]+)\}/g, (_, metric: string) => {
    const figure = figures[metric];
    if (figure === undefined)
      throw new TypeError(`The story tells {${metric}}, which is not in \`measured\`.`);
    return figureText(metric, figure);
  });
}

/** `3.15 s`, `0.76 s to 5.00 s`, `10`. */
export function figureText(metric: string, figure: number | readonly [number, number]): string {
  const [min, max] = typeof figure === 'number' ? [figure, figure] : figure;
  const write = isCount(metric) ? (count: number) => count.toFixed(0) : length;
  return range({ min, max }, write);
}

/** A figure of a story beside what a stored pass measured. */
export interface CheckedFigure {
  readonly metric: string;
  readonly said: string;
  /** Absent where the pass has no run that counts. */
  readonly measured?: { readonly n: number; readonly text: string };
  /** Whether what was said lies among what was measured. */
  readonly holds: boolean;
}

/** Compares what a story says with the runs of a stored pass. */
export function checkFigures(figures: Figures, runs: readonly RunResult[]): readonly CheckedFigure[] {
  return Object.entries(figures).map(([metric, figure]): CheckedFigure => {
    const said = figureText(metric, figure);
    const { values, atLeast } = valuesOf(metric, runs);
    if (values.length + atLeast.length === 0) return { metric, said, holds: false };
    const { n, median, min, max } = summarise(values, atLeast);
    const write = (value: number | null) => (value === null ? 'not over' : figureText(metric, value));
    const text = n === 1 ? write(median) : `${write(median)} (${write(min)} to ${write(max)})`;
    // A single figure holds if any run has it; a range must contain the median.
    const [told, seen] =
      typeof figure === 'number'
        ? [[figure, figure] as const, [min, max] as const]
        : [figure, [median, median] as const];
    const slack = isCount(metric) ? 0 : Math.max(REPEATABLE_MS, ROUNDING * told[1]);
    const [low, high] = seen.map((value) => value ?? Number.POSITIVE_INFINITY);
    const holds = told[1] >= (low ?? 0) - slack && told[0] <= (high ?? 0) + slack;
    return { metric, said, measured: { n, text }, holds };
  });
}

function isCount(metric: string): boolean {
  const name = metric.split('.').at(-1) ?? '';
  return METRICS[name as MetricName]?.unit === 'count';
}

function valuesOf(metric: string, runs: readonly RunResult[]) {
  const [kind, name] = metric.split('.');
  if (name === undefined) return measuredOf(runs, metric);
  const episodes = runs
    .filter(isJudged)
    .flatMap(({ status, episodes: all }) =>
      all
        .filter((episode) => episode.kind === kind && !episode.judged)
        .map((episode) => ({ ...episode, status })),
    );
  return measuredOf(episodes, name);
}
