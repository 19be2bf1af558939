import test from 'ava';
import { accuracyOf } from './errors.ts';
import type { KnownOutage } from './known-outages.ts';

const outage = (packetsMs: number, requestsMs: number): KnownOutage => ({
  kind: 'port cut',
  wantedMs: 100,
  trueMs: 100,
  trueUncertaintyMs: 0.2,
  packetsMs,
  requestsMs,
});

test('an instrument that is off by half a millisecond keeps its promise', (t) => {
  const found = accuracyOf([outage(100.5, 110), outage(99.5, 100), outage(100.5, 105)], 10);
  t.deepEqual(found.broken, []);
  t.is(found.packets.absolute.median, 0.5);
  t.is(found.packets.signed.min, -0.5);
});

test('each broken promise is said by itself', (t) => {
  t.is(accuracyOf([outage(103, 110)], 10).broken.length, 1);
  t.is(accuracyOf([outage(107, 130)], 10).broken.length, 3);
});

test('a delayed answer counts for requests alone', (t) => {
  const { packetsMs: _, ...delayed } = outage(0, 40);
  const found = accuracyOf([outage(100, 100), { ...delayed, trueMs: 40 }], 10);
  t.is(found.packets.absolute.n, 1);
  t.is(found.requests.absolute.max, 0);
});
