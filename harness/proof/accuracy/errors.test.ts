import test from 'ava';
import { accuracyOf } from './errors.ts';
import type { KnownOutage } from './known-outages.ts';

const outage = (packetsMs: number, requestsMs: number): KnownOutage => ({
  kind: 'port cut',
  wantedMs: 100,
  trueMs: 100,
  trueUncertaintyMs: 0.2,
  releaseMs: 0,
  packetsMs,
  requestsMs,
  requestsUncertaintyMs: 5,
});

test('an instrument that is off by half a millisecond keeps its promise', (t) => {
  const found = accuracyOf([outage(100.5, 108), outage(99.5, 94), outage(100.5, 99)], 10);
  t.deepEqual(found.broken, []);
  t.is(found.packets.absolute.median, 0.5);
  t.true(Math.abs(found.packets.bias.mean - 1 / 6) < 1e-9);
});

test('each broken promise is said by itself', (t) => {
  const broken = (...outages: KnownOutage[]) =>
    accuracyOf(outages, 10).broken.map((said) => said.slice(0, 40));
  t.is(broken(outage(103, 104)).length, 1);
  t.is(broken(outage(107, 104)).length, 2);
  t.is(broken(outage(107, 130)).length, 4);
  // Each within its spacing, and all too long.
  t.deepEqual(broken(...[107, 108, 108, 109].map((ms) => outage(100.5, ms))), [
    "The requests' outage is off by 8.00 ± 0.",
    "The requests' outage is off by 8.00 ms o",
  ]);
  t.deepEqual(broken(...[102, 103, 102, 103].map((ms) => outage(100.5, ms))), [
    "The requests' outage is off by 2.50 ± 0.",
  ]);
});

test('an outage whose end nobody knows may be longer than it was made, and no shorter', (t) => {
  const { releaseMs: _, ...unknown } = outage(100, 120);
  const sound = [outage(100, 101), outage(100, 99), outage(100, 100), outage(100, 100)];
  t.deepEqual(accuracyOf([...sound, unknown], 10).broken, []);
  t.is(accuracyOf([...sound, { ...unknown, requestsMs: 80 }], 10).broken.length, 1);
});

test('a delayed answer counts for requests alone', (t) => {
  const { packetsMs: _, ...delayed } = outage(0, 40);
  const found = accuracyOf([outage(100, 100), { ...delayed, trueMs: 40 }], 10);
  t.is(found.packets.absolute.n, 1);
  t.is(found.requests.absolute.max, 0);
});
