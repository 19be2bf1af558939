import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import Docker from 'dockerode';
import { EngineConnectionLost, patient } from './connection.ts';
import { containerGone } from './containers.ts';

/** An engine that takes a wait for a container's removal, and that may have the container. */
async function engine({
  has,
  ends,
}: {
  readonly has: boolean;
  readonly ends: 'removed' | 'broken' | 'never';
}) {
  const server = createServer(async (request, answer) => {
    if (request.url?.includes('/wait')) {
      answer.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      if (ends === 'never') return;
      await once(server, 'inspected');
      if (ends === 'removed') answer.end('{"StatusCode":0}');
      else request.socket.resetAndDestroy();
      return;
    }
    answer.writeHead(has ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
    server.emit('inspected');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    docker: patient(new Docker({ host: '127.0.0.1', port, protocol: 'http' })),
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('a container has gone when the engine says so', async (t) => {
  using docker = await engine({ has: true, ends: 'removed' });
  await t.notThrowsAsync(containerGone(docker, 'any'));
});

test('a container that is missing has gone, though the engine waits for ever', async (t) => {
  using docker = await engine({ has: false, ends: 'never' });
  await t.notThrowsAsync(containerGone(docker, 'any'));
});

test('an engine that ends meanwhile is no removal', async (t) => {
  using docker = await engine({ has: true, ends: 'broken' });
  await t.throwsAsync(containerGone(docker, 'any'), { instanceOf: EngineConnectionLost });
});
