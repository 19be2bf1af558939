import test from 'ava';
import { notReturned } from './takes-part.ts';

const UNIT = 'keepalived.service';

test('a machine that does not return is said with the state of its unit and the end of the journal', (t) => {
  const state = 'Result=exit-code\nActiveState=failed\nSubState=failed\n';
  const said = ['1', '2', '3', '4', 'stopped', 'daemon is already running'];
  t.is(
    notReturned('b', { outcome: 'late', unit: UNIT, state, said }),
    [
      'b got its power back and did not take part again within 30 s.',
      'keepalived.service is failed (failed), its result is exit-code.',
      'The journal of the unit ends with:\n2\n3\n4\nstopped\ndaemon is already running',
    ].join(' '),
  );
});

test('where nothing is known of it, this is said', (t) => {
  t.is(
    notReturned('b', { outcome: 'ended', unit: UNIT, state: '', said: [] }),
    'b got its power back and did not take part again before its journal ended. Its systemd does not answer. The journal of the unit has no line.',
  );
});
