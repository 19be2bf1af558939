import test from 'ava';
import type { RequestObservation } from '../../observations/observation.ts';
import { latencyOf } from './latency.ts';

const request = (
  n: number,
  tookMs: number,
  outcome: 'answered' | 'failed' = 'answered',
): RequestObservation => ({
  kind: 'request',
  sequence: n,
  dueNs: String(n * 4_000_000),
  // Sent late: that is the client's wait as well.
  atNs: String(n * 4_000_000 + 1_000_000),
  endNs: String(n * 4_000_000 + tookMs * 1_000_000),
  outcome,
});

test('a wait counts from when the request was due, and a failure as long as it took', (t) => {
  const found = latencyOf([
    ...Array.from({ length: 98 }, (_, n) => request(n, 2)),
    request(98, 500),
    request(99, 5000, 'failed'),
  ]);
  t.is(found.requests, 100);
  t.is(found.failed, 1);
  t.true(Math.abs(found.p50 - 2) < 0.01);
  t.true(Math.abs(found.p99 - 500) < 1);
  t.true(Math.abs(found.max - 5000) < 10);
});
