import { length } from '../../analysis/statistics/milliseconds.ts';
import type { Result } from '../../result/result.ts';
import { PARTS, timingTable } from '../../result/timings.ts';

/** Where the time of a command went, in words. */
export interface TimingWords {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the protocol's share leaves. */
  readonly sum: string;
}

/** Undefined where nothing was measured, as in a result of an earlier version. */
export function timingWords({ timings = [], scenarios }: Result): TimingWords | undefined {
  const runs = scenarios.flatMap((scenario) =>
    scenario.runs.flatMap((run) => (run.timings ? [run.timings] : [])),
  );
  const found = timingTable(timings, runs);
  if (!found) return undefined;
  const { rows, totalMs, protocolMs } = found;
  return {
    title: found.runs > 1 ? `Where the time went: medians of ${found.runs} runs` : 'Where the time went',
    head: ['part', 'took', 'the protocol’s share'],
    rows: rows.map(({ part, ms, protocolMs: share }) => [
      PARTS[part],
      length(ms),
      share === undefined ? '' : length(share),
    ]),
    sum: `${length(totalMs)} ${found.runs > 1 ? 'for one run and the command around it' : 'from the command to the report'}; the protocol demands ${length(protocolMs)} of it, and ${length(totalMs - protocolMs)} are overhead`,
  };
}
