import { stringify } from 'csv-stringify/sync';
import { isNotOver } from '../result/measured.ts';
import type { Result, RunResult } from '../result/result.ts';

/** The columns of each of several things that were done in a run. */
const OF_EPISODES = ['outage', 'packetOutage', 'excess'] as const;

/**
 * Raw samples for other programs: a row for each run and metric, phases among them as `phase.detection` …, and
 * where several things were done, each one's as `episode.3.outage` …; `over` is false where the value is a lower
 * bound, as the service had not returned.
 */
export function samplesCsv({ id, scenarios }: Result): string {
  const rows = scenarios.flatMap(({ name, runs }) =>
    runs.flatMap((run) => {
      const phases = Object.entries(run.phases ?? {}).map(([phase, ms]) => [`phase.${phase}`, ms] as const);
      const samples = [...Object.entries(run.metrics), ...phases].map(
        ([metric, value]) => [metric, value, !isNotOver(run, metric)] as const,
      );
      return [...samples, ...episodesOf(run)].map(([metric, value, over]) => [
        ...[id, name, run.index, run.status],
        ...[metric, value, String(over)],
      ]);
    }),
  );
  return stringify([['result', 'scenario', 'run', 'status', 'metric', 'value', 'over'], ...rows]);
}

function episodesOf({ episodes }: RunResult): readonly (readonly [string, number, boolean])[] {
  if (episodes.length < 2) return [];
  return episodes.flatMap((episode, n) =>
    OF_EPISODES.flatMap((metric) => {
      const value = episode.metrics[metric];
      if (value === undefined) return [];
      return [[`episode.${n + 1}.${metric}`, value, !isNotOver(episode, metric)] as const];
    }),
  );
}
