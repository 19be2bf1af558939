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

test('a check that hangs is noticed after its socket time-outs, one interval earlier or later', (t) => {
  t.deepEqual(checkScriptMs(5000, 2), { min: 10_000, max: 15_000 });
  t.deepEqual(checkScriptMs(1000, 3), { min: 15_000, max: 20_000 });
});
