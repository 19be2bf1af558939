import test from 'ava';
import { RealtimeClock } from './clock.ts';

const MS = 1_000_000n;

test('a step of the wall clock is reported with its size, once, and followed when that is asked for', (t) => {
  for (const byMs of [3_600_000, 20, -20, -90_000]) {
    let aheadMs = 0;
    const clock = new RealtimeClock(() => Date.now() + aheadMs);
    t.is(clock.steppedNs(), 0n);
    const before = clock.nowNs();
    aheadMs = byMs;
    const stepped = clock.steppedNs();
    t.true(Math.abs(Number(stepped) / 1e6 - byMs) < 1, `${stepped} ns for ${byMs} ms`);
    t.is(clock.steppedNs(), 0n);
    t.true(clock.nowNs() - before < 1000n * MS, 'what is due stays due');
    clock.follow();
    const moved = Number(clock.nowNs() - before) / 1e6;
    t.true(moved > byMs && moved < byMs + 1000, `${moved} ms`);
  }
});

test('to be late is no step', (t) => {
  let lateMs = 0;
  const clock = new RealtimeClock(() => {
    const now = Date.now();
    const until = performance.now() + lateMs;
    while (performance.now() < until);
    return now;
  });
  lateMs = 30;
  t.is(clock.steppedNs(), 0n);
  lateMs = 0;
  for (let n = 0; n < 2000; n++) t.is(clock.steppedNs(), 0n);
});
