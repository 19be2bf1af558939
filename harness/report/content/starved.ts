import { inMs } from '../../analysis/statistics/milliseconds.ts';
import { awaited } from '../../analysis/verdict/starvation.ts';
import type { RunResult } from '../../result/result.ts';

/** Less is not shown. */
const TOLD_MIN_MS = 1;

/**
 * Completes what is said of an excess: `, of which 571 ms keepalived of amphora-2 waited for a processor`; empty
 * where nobody waited notably, or nobody witnessed it.
 */
export function ofWhichStarved({ starved = [] }: Pick<RunResult, 'starved'>): string {
  const told = starved.filter(({ waitedMs }) => waitedMs >= TOLD_MIN_MS);
  if (told.length === 0) return '';
  const clauses = [...Map.groupBy(told, (wait) => awaited(wait))].map(([what, those]) => {
    const who = those.map(({ waitedMs, process, node }) => `${inMs(waitedMs)} ${process} of ${node}`);
    return `${who.join(' and ')} waited for ${what}`;
  });
  return `, of which ${clauses.join(', and ')}`;
}
