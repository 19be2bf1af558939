import { setTimeout as delay } from 'node:timers/promises';

/** Longer than any pause of a set-up that goes on: of a mirror, of an engine that unpacks, of a slow processor. */
export const STALL_LIMIT_MS = 2 * 60_000;

/** How long work may take to end once it is asked to. */
const END_LIMIT_MS = 10_000;

/** Work made no progress for too long; the message says which work, and for how long. */
export class Stalled extends Error {
  override readonly name = 'Stalled';
}

/**
 * Does work for as long as it makes progress: slow work takes the time that it takes, and work that hangs ends.
 *
 * @param what the work, as the subject of a sentence
 * @param work calls `moved` whenever it has come further, and ends with the signal
 * @throws Stalled
 */
export async function whileItMoves<T>(
  what: string,
  work: (moved: () => void, signal: AbortSignal) => Promise<T>,
  limitMs: number = STALL_LIMIT_MS,
): Promise<T> {
  const stalled = Promise.withResolvers<never>();
  const ending = new AbortController();
  const limit = setTimeout(() => {
    const error = new Stalled(`${what} made no progress for ${Math.round(limitMs / 1000)} s`);
    stalled.reject(error);
    ending.abort(error);
  }, limitMs);
  const working = work(() => limit.refresh(), ending.signal);
  working.catch(() => {});
  try {
    return await Promise.race([working, stalled.promise]);
  } finally {
    clearTimeout(limit);
    // The caller removes what it leaves, once it has ended.
    if (ending.signal.aborted)
      await Promise.race([working.catch(() => {}), delay(END_LIMIT_MS, undefined, { ref: false })]);
  }
}
