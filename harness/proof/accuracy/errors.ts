import { mean, sampleStandardDeviation } from 'simple-statistics';
import { inMs } from '../../analysis/statistics/milliseconds.ts';
import { type Summary, summarise } from '../../analysis/statistics/summary.ts';
import type { KnownOutage } from './known-outages.ts';

/** What the instrument promises, ms. */
const PROMISE = { packetsMedianMs: 1, packetsP99Ms: 5, biasMs: 1 } as const;

/** The mean of measured less true, ms, and its standard error. */
export interface Bias {
  readonly mean: number;
  readonly standardError: number;
}

/** How far the instrument was from the truth, ms. */
export interface Accuracy {
  /** Measured less true, without its sign. */
  readonly packets: { readonly bias: Bias; readonly absolute: Summary; readonly p99: number };
  readonly requests: { readonly bias: Bias; readonly absolute: Summary };
  /** The promises that were not kept, a sentence each. */
  readonly broken: readonly string[];
}

/**
 * @param spacingMs of the requests
 * @throws when there is no outage that packets notice
 */
export function accuracyOf(outages: readonly KnownOutage[], spacingMs: number): Accuracy {
  const packetErrors = outages.flatMap(({ packetsMs, trueMs }) =>
    packetsMs === undefined ? [] : [packetsMs - trueMs],
  );
  const requestErrors = outages.map(({ requestsMs, trueMs }) => requestsMs - trueMs);
  const known = outages.filter(({ releaseMs }) => releaseMs !== undefined);
  const absolute = packetErrors.map(Math.abs).sort((a, b) => a - b);
  const p99 = absolute[Math.ceil(0.99 * absolute.length) - 1] ?? Number.NaN;
  const packets = { bias: biasOf(packetErrors), absolute: summarise(absolute), p99 };
  const requests = {
    bias: biasOf(known.map(({ requestsMs, trueMs }) => requestsMs - trueMs)),
    absolute: summarise(requestErrors.map(Math.abs)),
  };
  // What nobody knows the length of may only be longer than it was made.
  const far = outages.filter(({ requestsMs, trueMs, releaseMs }) => {
    const errorMs = requestsMs - trueMs;
    return (releaseMs === undefined ? -errorMs : Math.abs(errorMs)) > spacingMs + 1;
  }).length;
  const meanMs = mean(requestErrors.map(Math.abs));
  const biased = (whose: string, { mean: biasMs, standardError }: Bias, promisedMs: number) =>
    Math.abs(biasMs) - 2 * standardError > promisedMs &&
    `${whose} outage is off by ${biasMs.toFixed(2)} ± ${inMs(2 * standardError, 2)} on average; at most ${inMs(promisedMs, 2)} are promised.`;
  const releaseMs = mean(known.map(({ releaseMs = 0 }) => releaseMs));
  const broken = [
    packets.absolute.median > PROMISE.packetsMedianMs &&
      `The packets' outage is off by ${inMs(packets.absolute.median, 2)} in the median; at most ${PROMISE.packetsMedianMs} ms are promised.`,
    p99 > PROMISE.packetsP99Ms &&
      `The packets' outage is off by ${inMs(p99, 2)} at the 99th percentile; at most ${PROMISE.packetsP99Ms} ms are promised.`,
    biased("The packets'", packets.bias, PROMISE.biasMs),
    biased("The requests'", requests.bias, PROMISE.biasMs + releaseMs),
    meanMs > spacingMs / 2 &&
      `The requests' outage is off by ${inMs(meanMs, 2)} on average, whatever the sign; at most half a spacing of ${spacingMs} ms is promised.`,
    far > 0 &&
      `${far} of ${requestErrors.length} outages of requests are off by more than their spacing of ${spacingMs} ms.`,
  ].filter((sentence) => sentence !== false);
  return { packets, requests, broken };
}

function biasOf(errors: readonly number[]): Bias {
  const standardError =
    errors.length < 2 ? Infinity : sampleStandardDeviation([...errors]) / Math.sqrt(errors.length);
  return { mean: mean([...errors]), standardError };
}
