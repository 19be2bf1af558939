import test from 'ava';
import { checkScriptMs, masterDownIntervalMs, silentMasterMs, skewMs } from './vrrp.ts';

test("Octavia's backup waits 3.648 s in VRRPv2", (t) => {
  t.is(masterDownIntervalMs(2, 1000, 90), 3648.4375);
});

test('in VRRPv3 the skew shrinks with the interval, in VRRPv2 it does not', (t) => {
  t.is(skewMs(2, 100, 128), 500);
  t.is(skewMs(3, 100, 128), 50);
});

test('what has passed since the last advertisement need not be waited for', (t) => {
  t.is(silentMasterMs({ version: 2, advertIntMs: 2000, priority: 90, phaseMs: 600 }), 6048.4375);
});

/** Octavia's default: a check is due when the last one times out. */
const DEFAULTS = { intervalMs: 5000, fall: 2, givesUpMs: 5000 };

test('a check that hangs is noticed after its time-outs, by the instant of the next check', (t) => {
  t.deepEqual(checkScriptMs(DEFAULTS, false), { min: 10_000, max: 15_000 });
  t.deepEqual(checkScriptMs({ ...DEFAULTS, intervalMs: 10_000 }, false), { min: 15_000, max: 25_000 });
});

test('keepalived ends a check after one interval, or after its timeout', (t) => {
  t.deepEqual(checkScriptMs({ intervalMs: 1000, fall: 3 }, false), { min: 3000, max: 4000 });
  t.deepEqual(checkScriptMs({ ...DEFAULTS, timeoutMs: 2000 }, false), { min: 7000, max: 12_000 });
});

test('where due runs are skipped, a check that lasts an interval takes place every second time', (t) => {
  t.deepEqual(checkScriptMs(DEFAULTS, true), { min: 15_000, max: 20_000 });
  t.deepEqual(checkScriptMs({ intervalMs: 1000, fall: 3 }, true), { min: 5000, max: 6000 });
  t.deepEqual(checkScriptMs({ intervalMs: 2000, fall: 2, timeoutMs: 5000 }, true), {
    min: 11_000,
    max: 13_000,
  });
});

test('where a check ends before the next is due, nothing is skipped', (t) => {
  for (const check of [
    { ...DEFAULTS, timeoutMs: 4000 },
    { intervalMs: 6000, fall: 3, givesUpMs: 5000 },
  ]) {
    t.deepEqual(checkScriptMs(check, true), checkScriptMs(check, false));
  }
});
