import { figure } from '../analysis/statistics/milliseconds.ts';
import { summarise } from '../analysis/statistics/summary.ts';
import type { Outage } from '../result/progress.ts';

const LEVELS = [...'▁▂▃▄▅▆▇█'];
/** Its height is not known. */
const NOT_OVER = '↑';

/** A column for each of the last outages, from the shortest to the longest of them. */
export function sparkLine(outages: readonly Outage[], columns: number): string {
  const shown = outages.slice(-Math.max(1, columns));
  const known = shown.filter(({ over }) => over).map(({ ms }) => ms);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return shown
    .map(({ ms, over }) => {
      if (!over) return NOT_OVER;
      const share = most > least ? (ms - least) / (most - least) : 0.5;
      return LEVELS[Math.round(share * (LEVELS.length - 1))];
    })
    .join('');
}

/** `median 2945 ms, p95 3478 ms, max 3479 ms`; a figure that lies beyond what was seen is said to be so. */
export function distributionText(outages: readonly Outage[]): string {
  const of = (wanted: boolean) => outages.filter(({ over }) => over === wanted).map(({ ms }) => ms);
  const { median, p95, max } = summarise(of(true), of(false));
  return Object.entries({ median, p95, max })
    .map(([name, ms]) => `${name} ${ms === null ? 'not over' : figure(ms)}`)
    .join(', ');
}

/** The figure of one outage. */
export function outageFigure({ ms, over }: Outage): string {
  return over ? figure(ms) : `over ${figure(ms)}`;
}
