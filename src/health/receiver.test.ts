import { createSocket } from 'node:dgram';
import test from 'ava';
import { encodeHeartbeat } from './encode-heartbeat.ts';
import { HealthManager } from './health-manager.ts';
import { receiveHeartbeats } from './receiver.ts';

test('heartbeats arrive by UDP', async (t) => {
  const settings = { heartbeat_key: 'k', heartbeat_timeout: 60, health_check_interval: 3 };
  using manager = new HealthManager({ settings, onStale: () => {} });
  manager.watch({ id: 'a', heard: false });
  await using receiver = await receiveHeartbeats(manager, { host: '127.0.0.1', port: 0 });
  const sender = createSocket('udp4');
  t.teardown(() => sender.close());
  const message = { id: 'a', seq: 1, ver: 3, listeners: {}, pools: {} };
  sender.send(encodeHeartbeat(message, 'guessed'), receiver.port, '127.0.0.1');
  sender.send(encodeHeartbeat(message, 'k'), receiver.port, '127.0.0.1');
  await manager.until(() => manager.heard('a') !== undefined, 10_000);
  t.deepEqual(manager.heard('a'), message);
  t.deepEqual(manager.counters, { received: 1, rejected: 1 });
});
