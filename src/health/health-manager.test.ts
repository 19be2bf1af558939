import test from 'ava';
import { HealthManager } from './health-manager.ts';
import { encodeHeartbeat, type HealthMessage } from './message.ts';

const KEY = 'insecure';
const beat = (id: string, seq: number, totconns = 0, ver = 3): HealthMessage => ({
  id,
  seq,
  ver,
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
  made.watch('a');
  made.watch('b');
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
  made.watch('a');
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
  t.is(made.statistics('l').total_connections, 0);
});

test('counters are differences from version 3 on, and whole before; amphorae are added up', (t) => {
  const { made } = manager();
  using _ = made;
  made.watch('a');
  made.watch('b');
  for (const [seq, total] of [5, 7].entries()) made.receive(encodeHeartbeat(beat('a', seq, total), KEY));
  for (const [seq, total] of [5, 7].entries()) made.receive(encodeHeartbeat(beat('b', seq, total, 2), KEY));
  t.deepEqual(made.statistics('l'), {
    bytes_in: 3,
    bytes_out: 30,
    active_connections: 4,
    total_connections: 19,
    request_errors: 0,
  });
});
