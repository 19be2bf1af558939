/**
 * A request that waits longer counts as lost: on the way of a dead holder's address, queues hold requests back
 * and deliver them to the new holder, which would shorten the outage by as much as is waited.
 */
export const PROBE = { intervalMs: 10, timeoutMs: 100 } as const;

/** Long-lived connections: few, as each is an observer's load; a client's patience is a second. */
export const HELD = { connections: 5, intervalMs: 250, timeoutMs: 1000 } as const;
