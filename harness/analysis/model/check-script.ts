import { type Bounds, either } from './bounds.ts';
import type { CheckTimes } from './keepalived-configuration.ts';
import { cutsToSeconds, skipsDueRun } from './keepalived-version.ts';

/** Why bounds hold for more than one keepalived. */
const UNKNOWN_KEEPALIVED =
  'which keepalived runs is not known well enough: this holds for releases that skip a check that is due while one still runs, from 2.3.3 on, and for those that do not';

/**
 * Time until a check that fails at once has failed often enough: the first one begins within an interval.
 *
 * @param keepalived its version; undefined allows all that keepalived has done
 */
export function refusedMs(times: CheckTimes, keepalived: string | undefined): Bounds {
  return readings(times, keepalived)
    .map(({ intervalMs, fall }) => ({ min: (fall - 1) * intervalMs, max: fall * intervalMs }))
    .reduce(either);
}

/**
 * Time from HAProxy's hang until the check script has failed often enough. Each run lasts until it gives up, or until
 * keepalived ends it.
 *
 * @param givesUpMs when a run ends by itself; undefined where it does not
 */
export function timesOutMs(
  times: CheckTimes,
  givesUpMs: number | undefined,
  keepalived: string | undefined,
): Bounds {
  const skips = skipsDueRun(keepalived);
  const bounds = readings(times, keepalived)
    .flatMap((read) => allOr(skips).map((each) => hungMs(read, givesUpMs, each)))
    .reduce(either);
  return { ...bounds, ...(skips === undefined && { unsure: UNKNOWN_KEEPALIVED }) };
}

/**
 * @param skips whether keepalived skips a run that is due while the last one has not ended: where a check lasts as long
 *   as the interval, as with Octavia's defaults, only every second run takes place
 */
function hungMs(
  { intervalMs, fall, timeoutMs = intervalMs }: CheckTimes,
  givesUpMs = timeoutMs,
  skips: boolean,
): Bounds {
  const lastsMs = Math.min(givesUpMs, timeoutMs);
  // A run that ends just when the next one is due has not ended by then.
  const spacingMs = skips ? (Math.floor(lastsMs / intervalMs) + 1) * intervalMs : intervalMs;
  const min = (fall - 1) * spacingMs + lastsMs;
  return { min, max: min + intervalMs };
}

/** The times as this keepalived reads them; both ways where its version is not known. */
function readings({ intervalMs, fall, timeoutMs }: CheckTimes, keepalived: string | undefined) {
  return allOr(cutsToSeconds(keepalived)).map((cuts): CheckTimes => {
    const read = (ms: number) => (cuts ? Math.max(1000, Math.floor(ms / 1000) * 1000) : ms);
    return {
      ...{ intervalMs: read(intervalMs), fall },
      ...(timeoutMs !== undefined && { timeoutMs: read(timeoutMs) }),
    };
  });
}

function allOr(known: boolean | undefined): readonly boolean[] {
  return known === undefined ? [false, true] : [known];
}
