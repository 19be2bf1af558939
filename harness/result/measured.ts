import type { Sample } from '../analysis/statistics/compare.ts';
import type { RunResult } from './result.ts';

/** What is only known from below where the service had not returned. */
const OPEN_ENDED = new Set(['outage', 'packetOutage', 'excess', 'packetExcess']);

type Measured = Pick<RunResult, 'status' | 'metrics' | 'over'>;

/** The compared metrics of a run. */
export type MeasuredRun = Pick<RunResult, 'status' | 'metrics' | 'phases' | 'predicted' | 'over'> &
  Partial<Pick<RunResult, 'reason'>>;

/** Whether a run's figure is a lower bound: the service had not returned when observation ended. */
export function isNotOver({ over }: Pick<Measured, 'over'>, metric: string): boolean {
  return over === false && OPEN_ENDED.has(metric);
}

/** Whether a run counts: invalid and skipped ones measured nothing. */
export function isJudged({ status }: Pick<Measured, 'status'>): boolean {
  return status === 'passed' || status === 'failed';
}

/** For each metric, the part that processes waited for a processor, ms. */
const STARVED: Readonly<Record<string, string>> = {
  outage: 'starved',
  excess: 'starved',
  packetOutage: 'packetStarved',
  packetExcess: 'packetStarved',
};

/** A run's figure without the time that a process which had the outage in hand waited for a processor: that is the machine's. */
function ownTime({ metrics }: Pick<Measured, 'metrics'>, metric: string): number | undefined {
  const value = metrics[metric];
  const starved = metrics[STARVED[metric] ?? ''];
  return value === undefined || starved === undefined ? value : value - Math.min(starved, Math.max(0, value));
}

/** The values of a metric of those runs that count, and the bounds of those that were not over. */
export function measuredOf<Run extends Measured>(
  runs: readonly Run[],
  metric: string,
  beyond: (run: Run, value: number) => number = (_, value) => value,
): Required<Pick<Sample, 'values' | 'atLeast'>> {
  const counted = runs.filter(isJudged).flatMap((run) => {
    const value = ownTime(run, metric);
    return value === undefined ? [] : [{ value: beyond(run, value), open: isNotOver(run, metric) }];
  });
  const those = (open: boolean) => counted.filter((each) => each.open === open).map(({ value }) => value);
  return { values: those(false), atLeast: those(true) };
}

/** A value less the lower bound of its run's demand. */
export function beyondLeast({ predicted }: Pick<MeasuredRun, 'predicted'>, value: number): number {
  return value - (predicted?.outage.min ?? 0);
}
