import { type Summary, summarise } from '../statistics/summary.ts';
import type { KnownOutage } from './known-outages.ts';

/** What the instrument promises, ms. */
const PROMISE = { packetsMedianMs: 1, packetsP99Ms: 5 } as const;

/** How far the instrument was from the truth, ms. */
export interface Accuracy {
  /** Of the packets' outage: measured less true, and the same without its sign. */
  readonly packets: { readonly signed: Summary; readonly absolute: Summary; readonly p99: number };
  readonly requests: { readonly absolute: Summary };
  /** Each promise that was not kept, as a sentence. */
  readonly broken: readonly string[];
}

/**
 * @param spacingMs of the requests
 * @throws when there is no outage that packets notice
 */
export function accuracyOf(outages: readonly KnownOutage[], spacingMs: number): Accuracy {
  const signed = outages.flatMap(({ packetsMs, trueMs }) =>
    packetsMs === undefined ? [] : [packetsMs - trueMs],
  );
  const absolute = signed.map(Math.abs);
  const requests = outages.map(({ requestsMs, trueMs }) => Math.abs(requestsMs - trueMs));
  const sorted = [...absolute].sort((a, b) => a - b);
  const p99 = sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN;
  const packets = { signed: summarise(signed), absolute: summarise(absolute), p99 };
  const far = requests.filter((error) => error > spacingMs + 1).length;
  const broken = [
    ...(packets.absolute.median > PROMISE.packetsMedianMs
      ? [
          `The packets' outage is off by ${packets.absolute.median.toFixed(2)} ms in the median; at most ${PROMISE.packetsMedianMs} ms are promised.`,
        ]
      : []),
    ...(p99 > PROMISE.packetsP99Ms
      ? [
          `The packets' outage is off by ${p99.toFixed(2)} ms at the 99th percentile; at most ${PROMISE.packetsP99Ms} ms are promised.`,
        ]
      : []),
    ...(far > 0
      ? [
          `${far} of ${requests.length} outages of requests are off by more than their spacing of ${spacingMs} ms.`,
        ]
      : []),
  ];
  return { packets, requests: { absolute: summarise(requests) }, broken };
}
