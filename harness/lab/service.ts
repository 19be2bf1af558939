import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { get } from './http.ts';

const ASK_AGAIN_MS = 10;
const ANSWER_LIMIT_MS = 1000;

/** The VIP did not serve in time. */
export class NotServing extends Error {
  override readonly name = 'NotServing';
}

/**
 * Resolves when an HTTP listener answers at this address: its VIP has a holder, and HAProxy listens. Each time
 * over a new connection, so that what answers is the HAProxy that takes new ones: a reload has been asked for
 * before the new process listens.
 *
 * @param wanted the status that counts as served; any, where absent
 * @throws NotServing
 * @throws AbortError when the signal fires
 */
export async function untilServed(
  url: string,
  limitMs: number,
  { status: wanted, signal }: { readonly status?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const limit = AbortSignal.any([AbortSignal.timeout(limitMs), ...(signal ? [signal] : [])]);
  let seen = 'nothing';
  while (!limit.aborted) {
    try {
      const status = await statusAt(url, limit);
      if (wanted === undefined || status === wanted) return;
      seen = `status ${status}`;
    } catch (error) {
      seen = (error as NodeJS.ErrnoException).code ?? String(error);
    }
    await delay(ASK_AGAIN_MS);
  }
  signal?.throwIfAborted();
  throw new NotServing(`The VIP did not serve ${url} within ${limitMs / 1000} s; the last time: ${seen}.`);
}

async function statusAt(url: string, limit: AbortSignal): Promise<number | undefined> {
  // A holder that dies in mid-answer never ends it.
  const signal = AbortSignal.any([limit, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
  const request = get(url, { agent: false, signal });
  const [answer] = (await once(request, 'response', { signal })) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}
