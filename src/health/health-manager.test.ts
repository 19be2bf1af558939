import test from 'ava';
import { encodeHeartbeat } from './encode-heartbeat.ts';
import { HealthManager } from './health-manager.ts';
import type { HealthMessage } from './message.ts';

const KEY = 'insecure';
const beat = (id: string, seq: number, totconns = 0): HealthMessage => ({
  id,
  seq,
  ver: 3,
  listeners: { l: { status: 'OPEN', stats: { tx: 10, rx: 1, conns: 2, totconns, ereq: 0 } } },
  pools: {},
});

function manager() {
  const clock = { ms: 0 };
  const stale: [string, number][] = [];
  const made = new HealthManager({
    settings: { heartbeat_key: KEY, heartbeat_timeout: 60, health_check_interval: 3 },
    onStale: (id, silentMs) => {
      stale.push([id, silentMs]);
      throw new Error('the failover failed');
    },
    nowMs: () => clock.ms,
  });
  return { made, clock, stale };
}

test('an amphora that falls silent is failed over once, and one that beats is not', (t) => {
  const { made, clock, stale } = manager();
  using _ = made;
  made.watch({ id: 'a', heard: true });
  made.watch({ id: 'b', heard: true });
  clock.ms = 59_999;
  made.receive(encodeHeartbeat(beat('b', 1), KEY));
  made.check();
  t.deepEqual(stale, []);
  clock.ms = 60_000;
  made.check();
  made.check();
  t.deepEqual(stale, [['a', 60_000]]);
});

test('a forged heartbeat counts, and keeps no amphora alive', (t) => {
  const { made, clock, stale } = manager();
  using _ = made;
  made.watch({ id: 'a', heard: true });
  clock.ms = 30_000;
  const datagram = encodeHeartbeat(beat('a', 1), KEY);
  made.receive(encodeHeartbeat(beat('a', 1), 'guessed'));
  made.receive(datagram.subarray(0, 20));
  made.receive(Buffer.alloc(0));
  t.deepEqual(made.counters, { received: 0, rejected: 3 });
  t.is(made.heard('a'), undefined);
  clock.ms = 60_000;
  made.check();
  t.is(stale.length, 1);
});

test('an amphora that is not watched changes nothing', (t) => {
  const { made } = manager();
  using _ = made;
  made.receive(encodeHeartbeat(beat('stranger', 1, 5), KEY));
  t.is(made.heard('stranger'), undefined);
  t.is(made.statistics.ofListener('l', []).total_connections, 0);
});

test('an amphora that has never been heard is not missed, and is from its first sign of life on', (t) => {
  const { made, clock, stale } = manager();
  using _ = made;
  made.watch({ id: 'a', heard: false });
  clock.ms = 1e9;
  made.check();
  t.deepEqual(stale, []);
  made.receive(encodeHeartbeat(beat('a', 1), KEY));
  clock.ms += 60_000;
  made.check();
  t.deepEqual(stale, [['a', 60_000]]);
});

test('a heartbeat that is no sign of life is kept, and keeps no amphora alive', (t) => {
  const clock = { ms: 0 };
  const stale: string[] = [];
  using made = new HealthManager({
    settings: { heartbeat_key: KEY, heartbeat_timeout: 60, health_check_interval: 3 },
    onStale: (id) => void stale.push(id),
    onHeartbeat: ({ seq }) => seq === 1,
    nowMs: () => clock.ms,
  });
  made.watch({ id: 'a', heard: true });
  clock.ms = 30_000;
  made.receive(encodeHeartbeat(beat('a', 1), KEY));
  clock.ms = 89_999;
  made.receive(encodeHeartbeat(beat('a', 2, 7), KEY));
  made.check();
  t.deepEqual(stale, []);
  clock.ms = 90_000;
  made.check();
  t.deepEqual(stale, ['a']);
  t.is(made.statistics.ofListener('l', []).total_connections, 7);
});

test('a silent amphora that cannot be replaced now is replaced later', (t) => {
  const clock = { ms: 0 };
  const stale: string[] = [];
  let immutable = true;
  using made = new HealthManager({
    settings: { heartbeat_key: KEY, heartbeat_timeout: 60, health_check_interval: 3 },
    onStale: (id) => void stale.push(id),
    mayReplace: () => !immutable,
    nowMs: () => clock.ms,
  });
  made.watch({ id: 'a', heard: true });
  clock.ms = 60_000;
  made.check();
  t.deepEqual(stale, []);
  immutable = false;
  made.check();
  t.deepEqual(stale, ['a']);
});
