import { stringify } from 'csv-stringify/sync';
import { isNotOver } from '../history/measured.ts';
import type { Result } from './result.ts';

/**
 * Raw samples for other programs: a row for each run and metric, phases among them as `phase.detection` …; `over` is
 * false where the value is a lower bound, as the service had not returned.
 */
export function samplesCsv({ id, scenarios }: Result): string {
  const rows = scenarios.flatMap(({ name, runs }) =>
    runs.flatMap((run) => {
      const phases = Object.entries(run.phases ?? {}).map(([phase, ms]) => [`phase.${phase}`, ms] as const);
      return [...Object.entries(run.metrics), ...phases].map(([metric, value]) => [
        id,
        name,
        run.index,
        run.status,
        metric,
        value,
        String(!isNotOver(run, metric)),
      ]);
    }),
  );
  return stringify([['result', 'scenario', 'run', 'status', 'metric', 'value', 'over'], ...rows]);
}
