import { setTimeout as delay } from 'node:timers/promises';

const ASK_AGAIN_MS = 10;

/** The VIP did not serve in time. */
export class NotServing extends Error {
  override readonly name = 'NotServing';
}

/**
 * Resolves when an HTTP listener answers at this address, whatever it answers: its VIP has a holder, and
 * HAProxy listens.
 *
 * @throws NotServing
 * @throws AbortError when the signal fires
 */
export async function untilServed(url: string, limitMs: number, signal?: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([AbortSignal.timeout(limitMs), ...(signal ? [signal] : [])]);
  while (!limit.aborted) {
    try {
      const answer = await fetch(url, { signal: limit, redirect: 'manual' });
      await answer.body?.cancel();
      return;
    } catch {
      await delay(ASK_AGAIN_MS);
    }
  }
  signal?.throwIfAborted();
  throw new NotServing(`The VIP did not serve within ${limitMs / 1000} s.`);
}
