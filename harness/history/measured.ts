import type { RunResult } from '../report/result.ts';
import type { Sample } from '../statistics/compare.ts';

/** What is only known from below where the service had not returned. */
const OPEN_ENDED = new Set(['outage', 'packetOutage', 'excess', 'packetExcess']);

type Measured = Pick<RunResult, 'status' | 'metrics' | 'over'>;

/** Whether a run's figure is a lower bound: the service had not returned when observation ended. */
export function isNotOver({ over }: Pick<Measured, 'over'>, metric: string): boolean {
  return over === false && OPEN_ENDED.has(metric);
}

/** Whether a run counts: invalid and skipped ones measured nothing. */
export function isJudged({ status }: Pick<Measured, 'status'>): boolean {
  return status === 'passed' || status === 'failed';
}

/** The values of a metric of those runs that count, and the bounds of those that were not over. */
export function measuredOf<Run extends Measured>(
  runs: readonly Run[],
  metric: string,
  beyond: (run: Run, value: number) => number = (_, value) => value,
): Required<Pick<Sample, 'values' | 'atLeast'>> {
  const counted = runs.filter(isJudged).flatMap((run) => {
    const value = run.metrics[metric];
    return value === undefined ? [] : [{ value: beyond(run, value), open: isNotOver(run, metric) }];
  });
  const those = (open: boolean) => counted.filter((each) => each.open === open).map(({ value }) => value);
  return { values: those(false), atLeast: those(true) };
}
