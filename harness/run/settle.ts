import type { RunFacts } from '../analysis/verdict/facts.ts';
import { NotObserved, type ObservationLog } from '../observations/observation-log.ts';
import { servedFor } from '../observations/steady-requests.ts';
import { connectionsBack, everyRequest } from '../observations/waits.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { HELD, type Probe, requestsToSettle } from '../scenario/world/probes.ts';
import { checked } from '../scenario/world/world.ts';

export const SERVICE_LIMIT_MS = 30_000;
/** Margin for a busy harness, in addition to the patience of clients. */
const SLACK_MS = 2000;

/** What is observed, and what it is checked for. */
interface Seen {
  readonly log: ObservationLog;
  readonly checks: RunFacts['checks'];
}

/**
 * Waits at a story's end until clients are served again, or for a while where they are not to be; what came of it
 * becomes a check of the run. Then it is known what became of each held connection: one that was not cut is used once more.
 *
 * @param packetsRead resolves when what has been captured until an instant, by default now, is known
 */
export async function settle(
  seen: Seen & { readonly packetsRead: (untilNs?: bigint) => Promise<void> },
  probe: Probe,
  ends: Scenario['ends'],
): Promise<void> {
  const { log, packetsRead } = seen;
  if (ends === 'unserved') {
    await fatesKnown(log, probe);
    return packetsRead();
  }
  // By then each held connection was used once more.
  const usedNs = BigInt(Date.now() + HELD.intervalMs + probe.intervalMs) * 1_000_000n;
  const lastNs = await served(seen, 'clients are served in the end', requestsToSettle(probe));
  await Promise.all([connectionsKnown(log, usedNs), packetsRead(lastNs)]);
}

/** Waits until no held connection is without service, see {@link connectionsBack}, or as long as each would take to get it back. */
async function connectionsKnown(log: ObservationLog, sinceNs: bigint): Promise<void> {
  await log
    .waitFor({
      what: 'an answer over each held connection',
      limitMs: HELD.intervalMs + HELD.timeoutMs + SLACK_MS,
      sinceNs,
      look: connectionsBack(HELD.connections),
    })
    .catch((error: unknown) => {
      if (!(error instanceof NotObserved)) throw error;
    });
}

/**
 * Waits until `count` requests in a row are answered, which becomes a check of the run.
 *
 * @returns when the last of them was, ns since the epoch
 */
export async function served({ log, checks }: Seen, name: string, count: number): Promise<bigint> {
  let lastNs = 0n;
  await checked({ checks }, name, async () => {
    lastNs = BigInt((await servedFor(log, count, SERVICE_LIMIT_MS)).endNs);
    return { holds: true, detail: `${count} requests in a row` };
  });
  return lastNs;
}

/** Waits until it is known what became of each request that has been sent by now. */
export async function fatesKnown(log: ObservationLog, { timeoutMs }: Probe): Promise<void> {
  await log.waitFor({
    what: 'the outcome of every request that was under way',
    limitMs: timeoutMs + SLACK_MS,
    look: everyRequest(BigInt(Date.now()) * 1_000_000n),
    like: [{ kind: 'request' }],
  });
}
