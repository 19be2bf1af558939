import type { Writable } from 'node:stream';
import type { RequestObservation } from '../../observations/observation.ts';
import { LATER_MS, writeGathered } from '../../streams/batched-lines.ts';
import type { RealtimeClock } from './clock.ts';

/** What a prober asks for once, and when. */
export interface Due {
  readonly sequence: number;
  readonly dueNs: bigint;
  readonly timeoutMs: number;
}

export type Fate = Pick<RequestObservation, 'port' | 'outcome' | 'servedBy' | 'member' | 'failure'>;

/**
 * Begins one attempt of a prober: it ends with its outcome or its time-out, and is written then.
 *
 * @param close called when it has ended
 */
export function attempt(
  { sequence, dueNs, timeoutMs }: Due,
  clock: RealtimeClock,
  output: Writable,
  close: () => void,
): (fate: Fate) => void {
  const atNs = clock.nowNs();
  let settled = false;
  const settle = (fate: Fate) => {
    if (settled) return;
    settled = true;
    clearTimeout(limit);
    close();
    const observation: RequestObservation = {
      kind: 'request',
      atNs: String(atNs),
      sequence,
      dueNs: String(dueNs),
      endNs: String(clock.nowNs()),
      ...fate,
    };
    // The end of an outage is waited for; that it lasts is not.
    writeGathered(output, JSON.stringify(observation), fate.outcome === 'failed' ? LATER_MS : undefined);
  };
  const limit = setTimeout(() => settle({ outcome: 'failed', failure: 'timeout' }), timeoutMs);
  return settle;
}

/** Headers, or lines of a datagram. */
const SERVED_BY = /^x-amphora: *(.+?)\r$/im;
const MEMBER = /^x-member: *(.+?)\r$/im;

/** An answer that names the member that gave it, and the amphora through which it was asked. */
export function answered(text: string): Fate {
  const servedBy = SERVED_BY.exec(text)?.[1];
  const member = MEMBER.exec(text)?.[1];
  return { outcome: 'answered', ...(servedBy && { servedBy }), ...(member && { member }) };
}
