import test from 'ava';
import { masterDownIntervalMs, roundedIntervalMs, silentMasterMs, skewMs, unheardMs } from './vrrp.ts';

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

test('an interval is rounded to what an advertisement can carry', (t) => {
  t.is(roundedIntervalMs(2, 1400), 1000);
  t.is(roundedIntervalMs(2, 100), 1000);
  t.is(roundedIntervalMs(3, 104), 100);
  t.is(roundedIntervalMs(3, 60_000), 40_950);
});

test('the preempt_delay begins with the first lower advertisement, and the timer after the last one within it', (t) => {
  const timers = { advertIntMs: 1000, skew: 600, adverts: 3 };
  t.deepEqual(unheardMs(timers), { min: 2600, max: 3600 });
  t.deepEqual(unheardMs(timers, 5000), { min: 7600, max: 9600 });
});
