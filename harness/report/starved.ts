import { inMs } from '../statistics/milliseconds.ts';
import type { RunResult } from './result.ts';

/** Less is not shown. */
const TOLD_MIN_MS = 1;

/**
 * Completes what is said of an excess: `, of which 571 ms keepalived of amphora-2 waited for a processor`; empty
 * where nobody waited notably, or nobody witnessed it.
 */
export function ofWhichStarved({ starved = [] }: Pick<RunResult, 'starved'>): string {
  const told = starved.filter(({ waitedMs }) => waitedMs >= TOLD_MIN_MS);
  if (told.length === 0) return '';
  const who = told.map(({ waitedMs, process, node }) => `${inMs(waitedMs)} ${process} of ${node}`);
  return `, of which ${who.join(' and ')} waited for a processor`;
}
