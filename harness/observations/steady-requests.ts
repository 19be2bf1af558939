import type { RequestObservation } from './observation.ts';
import type { ObservationLog } from './observation-log.ts';
import { streak } from './waits.ts';

/**
 * Resolves when `count` requests that are sent from now on were answered one after the other, and all that were sent
 * before have their outcome; with the last of them.
 *
 * @throws NotObserved
 */
export function servedFor(log: ObservationLog, count: number, limitMs: number): Promise<RequestObservation> {
  return log.waitFor({
    what: `an answer to ${count} requests in a row`,
    unseen: `no ${count} requests in a row were answered`,
    limitMs,
    sinceNs: BigInt(Date.now()) * 1_000_000n,
    look: streak(count),
    like: [{ kind: 'request', outcome: 'answered' }],
  });
}
