import type { ObservationLog } from './observation-log.ts';
import { streak } from './waits.ts';

/**
 * Resolves when `count` requests that are sent from now on were answered one after the other, and all that were sent
 * before have their outcome.
 *
 * @throws NotObserved
 */
export async function servedFor(log: ObservationLog, count: number, limitMs: number): Promise<void> {
  await log.waitFor({
    what: `an answer to ${count} requests in a row`,
    unseen: `no ${count} requests in a row were answered`,
    limitMs,
    sinceNs: BigInt(Date.now()) * 1_000_000n,
    look: streak(count),
    like: [{ kind: 'request', outcome: 'answered' }],
  });
}
