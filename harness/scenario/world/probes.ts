/** How requests are sent, and when one counts as lost. */
export interface Probe {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

const INTERVAL_MS = 10;

/**
 * Patience of a probe that measures how long an outage is. A request that waits longer counts as lost: on the way of a dead
 * holder's address, queues hold requests back and deliver them to the new holder, which would shorten the outage
 * by as much as is waited.
 */
export const OUTAGE_PATIENCE_MS = 100;

/**
 * Patience of a probe that looks whether there is any outage: as long as a client waits, so that a machine that is slow for
 * a moment is no outage. It stays below the kernel's first SYN retransmission (1 s): each request is one attempt.
 */
export const CLIENT_PATIENCE_MS = 950;

/** Long-lived connections: few, as each is an observer's load; a client's patience is a second. */
export const HELD = { connections: 5, intervalMs: 500, timeoutMs: 1000 } as const;

/** The probe of clients that wait so long for an answer. */
export function probeFor({ patienceMs }: { readonly patienceMs: number }): Probe {
  return { intervalMs: INTERVAL_MS, timeoutMs: patienceMs };
}

/** Requests in a row that must be answered before the fault. */
export const STEADY_REQUESTS = 10;

/** After it, as many as it takes until the last of the lost ones has timed out. */
export function requestsToSettle({ intervalMs, timeoutMs }: Probe): number {
  return Math.ceil(timeoutMs / intervalMs) + STEADY_REQUESTS;
}
