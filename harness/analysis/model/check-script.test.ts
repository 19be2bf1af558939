import test from 'ava';
import { refusedMs, timesOutMs } from './check-script.ts';

/** Releases that start a run although the last one has not ended, and that skip it then. */
const [OVERLAPS, SKIPS] = ['2.2.7', '2.3.3'];
/** Octavia's default: a check is due when the last one times out. */
const DEFAULTS = { intervalMs: 5000, fall: 2 };

test('a check that hangs is noticed after its time-outs, by the instant of the next check', (t) => {
  t.deepEqual(timesOutMs(DEFAULTS, 5000, OVERLAPS), { min: 10_000, max: 15_000 });
  t.deepEqual(timesOutMs({ ...DEFAULTS, intervalMs: 10_000 }, 5000, OVERLAPS), { min: 15_000, max: 25_000 });
});

test('keepalived ends a check after one interval, or after its timeout', (t) => {
  t.deepEqual(timesOutMs({ intervalMs: 1000, fall: 3 }, undefined, OVERLAPS), { min: 3000, max: 4000 });
  t.deepEqual(timesOutMs({ ...DEFAULTS, timeoutMs: 2000 }, 5000, OVERLAPS), { min: 7000, max: 12_000 });
});

test('where due runs are skipped, a check that lasts an interval takes place every second time', (t) => {
  t.deepEqual(timesOutMs(DEFAULTS, 5000, SKIPS), { min: 15_000, max: 20_000 });
  t.deepEqual(timesOutMs({ intervalMs: 1000, fall: 3 }, undefined, SKIPS), { min: 5000, max: 6000 });
  const long = { intervalMs: 2000, fall: 2, timeoutMs: 5000 };
  t.deepEqual(timesOutMs(long, undefined, SKIPS), { min: 11_000, max: 13_000 });
});

test('where a check ends before the next is due, nothing is skipped', (t) => {
  for (const [check, givesUpMs] of [
    [{ ...DEFAULTS, timeoutMs: 4000 }, 5000],
    [{ intervalMs: 6000, fall: 3 }, 5000],
  ] as const)
    t.deepEqual(timesOutMs(check, givesUpMs, SKIPS), timesOutMs(check, givesUpMs, OVERLAPS));
});

test('an unknown keepalived allows both, and says why', (t) => {
  t.like(timesOutMs(DEFAULTS, 5000, undefined), { min: 10_000, max: 20_000 });
  t.regex(timesOutMs(DEFAULTS, 5000, '2.3').unsure ?? '', /keepalived runs is not known/);
});

test('keepalived before 2.3.2 cuts the times of a check to whole seconds', (t) => {
  const half = { intervalMs: 1500, fall: 2 };
  t.deepEqual(refusedMs(half, '2.2.7'), { min: 1000, max: 2000 });
  t.deepEqual(refusedMs(half, '2.3.2'), { min: 1500, max: 3000 });
  t.deepEqual(refusedMs(half, undefined), { min: 1000, max: 3000 });
});
