import test from 'ava';
import { masterDownIntervalMs, silentMasterMs, skewMs } from './vrrp.ts';

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
