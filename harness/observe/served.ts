import type { Observation } from './observation.ts';
import type { ObservationLog } from './observation-log.ts';

/**
 * Resolves when the last `count` requests were answered without one failing between them.
 *
 * @param when ends the sentence that says what was not seen, e.g. `before the fault`
 * @throws NotObserved
 */
export async function servedFor(
  log: ObservationLog,
  count: number,
  limitMs: number,
  when: string,
): Promise<void> {
  let streak = 0;
  const from = log.entries.findLast((entry) => entry.kind === 'request')?.sequence ?? -1;
  await log.waitFor({
    what: `${count} requests in a row answered ${when}`,
    limitMs,
    match: (entry): entry is Observation => {
      if (entry.kind !== 'request' || entry.sequence <= from) return false;
      streak = entry.outcome === 'answered' ? streak + 1 : 0;
      return streak >= count;
    },
  });
}
