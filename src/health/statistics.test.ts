import test from 'ava';
import type { HealthMessage } from './message.ts';
import { addUp, Statistics } from './statistics.ts';

const beat = (id: string, totconns: number, ver = 3, listener = 'l'): HealthMessage => ({
  id,
  ver,
  listeners: { [listener]: { status: 'OPEN', stats: { tx: 10, rx: 1, conns: 2, totconns, ereq: 0 } } },
  pools: {},
});

test('counters are differences from version 3 on, and whole before; amphorae are added up', (t) => {
  const statistics = new Statistics();
  for (const total of [5, 7]) statistics.take(beat('a', total));
  for (const total of [5, 7]) statistics.take(beat('b', total, 2));
  t.deepEqual(statistics.ofListener('l', ['a', 'b']), {
    bytes_in: 3,
    bytes_out: 30,
    active_connections: 4,
    total_connections: 19,
    request_errors: 0,
  });
  t.like(statistics.ofAmphora('a').get('l'), { total_connections: 12, active_connections: 2 });
});

test('what an amphora has counted outlives it; its connections do not', (t) => {
  const statistics = new Statistics();
  statistics.take(beat('a', 5));
  statistics.take(beat('b', 1));
  t.like(statistics.ofListener('l', ['b']), { total_connections: 6, active_connections: 2 });
});

test('a listener of which nobody has told, or that has gone, has counted nothing', (t) => {
  const statistics = new Statistics();
  statistics.take(beat('a', 5));
  statistics.take(beat('a', 6, 3, 'other'));
  statistics.keepOnly(new Set(['other']));
  t.deepEqual(statistics.ofListener('l', ['a']), addUp([]));
  t.deepEqual([...statistics.ofAmphora('a').keys()], ['other']);
});
