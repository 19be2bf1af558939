import test from 'ava';
import { type Ailment, refuseImpossible } from './ailments.ts';
import type { Order } from './server.ts';

const ROLES = new Map([
  ['master', 'amphora-1'],
  ['backup', 'amphora-2'],
]);
const ailment = (word: string, heal: string): Ailment => ({
  told: { part: 'fault', word, given: ['master'] },
  roles: ROLES,
  heal,
});
const order = (part: Order['part'], word: string, ...given: readonly unknown[]): Order => ({
  ...{ part, word },
  given: [...given],
});

test('in a machine without power nothing is done before it boots', (t) => {
  const off = [ailment('powerOff', 'boot')];
  for (const word of ['powerOff', 'stopKeepalived', 'cutPort'])
    t.is(
      t.throws(() => refuseImpossible(order('fault', word, 'amphora-1'), off))?.message,
      'amphora-1 has no power: repair it with heal.boot first.',
    );
  t.notThrows(() => refuseImpossible(order('fault', 'powerOff', 'amphora-2'), off));
  t.notThrows(() => refuseImpossible(order('heal', 'boot', 'amphora-1'), off));
});

test('in a frozen machine nothing is done before it is thawed; one with a cut port can do all', (t) => {
  const frozen = [ailment('freeze', 'thaw'), ailment('cutPort', 'raisePort')];
  t.throws(() => refuseImpossible(order('fault', 'kill', 'haproxy', 'amphora-1'), frozen), {
    message: /is frozen: repair it with heal.thaw/,
  });
  t.notThrows(() => refuseImpossible(order('heal', 'thaw', 'amphora-1'), frozen));
  t.notThrows(() => refuseImpossible(order('fault', 'powerOff', 'amphora-1'), frozen.slice(1)));
});

test('a machine that runs is not booted: that would reset it', (t) => {
  t.throws(() => refuseImpossible(order('heal', 'boot', 'amphora-1'), []), {
    message: 'amphora-1 is running: nothing has taken its power away.',
  });
});
