import type { ObservationLog } from './observation-log.ts';
import { streak } from './waits.ts';

/**
 * Resolves when `count` requests that are sent from now on were answered one after the other, and all that were sent
 * before have their outcome.
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
  await log.waitFor({
    what: `${count} requests in a row answered ${when}`,
    limitMs,
    sinceNs: BigInt(Date.now()) * 1_000_000n,
    look: streak(count),
    like: [{ kind: 'request', outcome: 'answered' }],
  });
}
