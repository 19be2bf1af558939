import test from 'ava';
import { longestInterval, priceOf } from './price.ts';
import { masterDownIntervalMs } from './vrrp.ts';

test('an outage of a second needs version 3 and 270 ms; version 2 cannot have it', (t) => {
  t.is(longestInterval(3, 90, 1000), 270);
  t.is(longestInterval(2, 90, 1000), undefined);
  t.is(longestInterval(2, 90, 4000), 1000);
});

test('the next longer interval would miss the limit', (t) => {
  for (const limitMs of [500, 1000, 2500]) {
    const longest = longestInterval(3, 90, limitMs) ?? 0;
    t.true(masterDownIntervalMs(3, longest, 90) <= limitMs);
    t.true(masterDownIntervalMs(3, longest + 10, 90) > limitMs);
  }
});

test('one lost in a hundred makes a take-over of three in a row, some every fortnight', (t) => {
  const price = priceOf({ version: 2, advertIntMs: 1000, backupPriority: 90 }, 0.01);
  t.is(price.advertisementsPerSecond, 1);
  t.true(Math.abs(price.falseTakeOversPerDay - 86_400 * 1e-6 * 0.99) < 1e-9);
});
