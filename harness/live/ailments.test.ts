import test from 'ava';
import { type Ailment, refuseImpossible, stillAiling } from './ailments.ts';
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

test('a repair that has nothing to repair is refused where the system would stumble over it', (t) => {
  const refusal = (...of: Parameters<typeof order>) =>
    t.throws(() => refuseImpossible(order(...of), [ailment('freeze', 'thaw')]))?.message;
  t.is(refusal('heal', 'thaw', 'amphora-2'), 'amphora-2 is not frozen.');
  t.is(refusal('heal', 'undelay', 'amphora-2'), 'Nothing delays what amphora-2 sends.');
  t.is(refusal('heal', 'releaseVip'), 'Nobody has claimed the VIP.');
  t.notThrows(() => refuseImpossible(order('heal', 'startKeepalived', 'amphora-2'), []));
});

test('a second host does not claim the VIP', (t) => {
  const claimed = [
    { ...ailment('claimVip', 'releaseVip'), told: { part: 'fault', word: 'claimVip', given: [] } },
  ] as const;
  t.throws(() => refuseImpossible(order('fault', 'claimVip'), claimed), {
    message: /claims the VIP already/,
  });
  t.notThrows(() => refuseImpossible(order('heal', 'releaseVip'), claimed));
  t.notThrows(() => refuseImpossible(order('fault', 'claimVip'), []));
});

test('a killed process is no ailment any more once systemd has started it again', (t) => {
  const killed: Ailment = {
    ...ailment('kill', 'startService'),
    told: { part: 'fault', word: 'kill', given: ['haproxy', 'master'] },
  };
  const cut = ailment('cutPort', 'raisePort');
  const left = (haproxy: string) => stillAiling([killed, cut], [{ name: 'amphora-1', haproxy }]);
  t.deepEqual(left('was killed'), [killed, cut]);
  t.deepEqual(left('starts'), [killed, cut]);
  t.deepEqual(left('runs'), [cut]);
});
