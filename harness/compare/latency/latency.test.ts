import test from 'ava';
import { latencyOf, together } from './latency.ts';

const waits = (answeredMs: readonly number[], failedMs: readonly number[] = []) => ({
  ...{ answeredMs, failedMs },
  ...{ clientMs: 0.05, lostPackets: 1 },
});

test('percentiles are of all requests, and a failure counts as long as it took', (t) => {
  const found = latencyOf(waits([...Array.from({ length: 98 }, () => 0.43), 500], [5000]));
  t.like(found, { requests: 100, failed: 1 });
  t.true(Math.abs(found.p50 - 0.43) < 0.001);
  t.true(Math.abs(found.p99 - 500) < 1);
  t.true(Math.abs(found.max - 5000) < 10);
});

test('blocks together are as long as all of them', (t) => {
  t.deepEqual(together([waits([1, 2], [3]), waits([4])]), {
    ...{ answeredMs: [1, 2, 4], failedMs: [3] },
    ...{ clientMs: 0.05, lostPackets: 2 },
  });
});
