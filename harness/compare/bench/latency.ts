import { build, type Histogram } from 'hdr-histogram-js';
import type { RequestObservation } from '../../observations/observation.ts';

/** Latencies of requests, ms: the time from when each was due, so that one that had to wait hides nobody's wait. */
export interface Latency {
  readonly requests: number;
  readonly failed: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

const US_PER_MS = 1000;

/**
 * The distribution of open-loop requests (coordinated omission cannot occur: each has its own due time). One that
 * failed counts with the time after which it was given up: it took at least as long.
 */
export function latencyOf(requests: readonly RequestObservation[]): Latency {
  const histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000 * US_PER_MS,
    numberOfSignificantValueDigits: 3,
  });
  for (const { dueNs, endNs } of requests) {
    histogram.recordValue(Math.max(1, Math.round(Number(BigInt(endNs) - BigInt(dueNs)) / 1000)));
  }
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / US_PER_MS;
  return {
    requests: requests.length,
    failed: requests.filter(({ outcome }) => outcome === 'failed').length,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: histogram.maxValue / US_PER_MS,
  };
}
