import test from 'ava';
import type { ConnectionObservation } from '../../observations/observation.ts';
import { toldOf } from './clients-server.fixture.ts';
import { hold } from './held-connections.ts';

const INTERVAL_MS = 4000;

test('a request that was cut is sent again before the next one is due', async (t) => {
  let connections = 0;
  const told = await toldOf<ConnectionObservation>(
    t,
    (socket) => {
      const isFirst = connections++ === 0;
      socket.once('data', () => {
        if (isFirst) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    },
    (server, clock, output) =>
      hold({ ...server, connections: 1, intervalMs: INTERVAL_MS, timeoutMs: 1000 }, clock, output),
    (entries) => entries.some(({ change }) => change === 'retried'),
  );
  t.deepEqual(
    told.map(({ change }) => change),
    ['cut', 'retried'],
  );
  const [cut = 0n, again = 0n] = told.map(({ atNs }) => BigInt(atNs));
  t.true(Number(again - cut) / 1e6 < INTERVAL_MS / 4);
});
