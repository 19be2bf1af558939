import { build, type Histogram } from 'hdr-histogram-js';
import type { CapturedWaits } from '../../lab/fabric/request-load.ts';

/** How long requests waited, ms. */
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

/** The distribution of waits. One that failed counts with the time after which it was given up: it took at least as long. */
export function latencyOf({ answeredMs, failedMs }: Pick<CapturedWaits, 'answeredMs' | 'failedMs'>): Latency {
  const histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000 * US_PER_MS,
    numberOfSignificantValueDigits: 3,
  });
  for (const ms of [...answeredMs, ...failedMs]) {
    histogram.recordValue(Math.max(1, Math.round(ms * US_PER_MS)));
  }
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / US_PER_MS;
  return {
    requests: answeredMs.length + failedMs.length,
    failed: failedMs.length,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: histogram.maxValue / US_PER_MS,
  };
}

/** Waits of several blocks together. */
export function together(blocks: readonly CapturedWaits[]): CapturedWaits {
  const clientMs = blocks.map((block) => block.clientMs).sort((a, b) => a - b);
  return {
    answeredMs: blocks.flatMap((block) => block.answeredMs),
    failedMs: blocks.flatMap((block) => block.failedMs),
    clientMs: clientMs[Math.floor(clientMs.length / 2)] ?? 0,
    lostPackets: blocks.reduce((sum, block) => sum + block.lostPackets, 0),
  };
}
