import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import test from 'ava';
import Docker from 'dockerode';
import { EngineConnectionLost, patient } from './connection.ts';

/** An engine that breaks this many connections before it answers. */
async function brittleEngine(breaks: number) {
  let asked = 0;
  const server = createServer((request, answer) => {
    asked++;
    if (asked <= breaks) request.socket.resetAndDestroy();
    else answer.setHeader('content-type', 'application/json').end('{"Version":"1"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    docker: patient(new Docker({ host: '127.0.0.1', port, protocol: 'http' })),
    asked: () => asked,
    [Symbol.dispose]: () => void server.close(),
  };
}

test('what does no harm is asked again when the connection breaks', async (t) => {
  using engine = await brittleEngine(2);
  t.is((await engine.docker.version()).Version, '1');
  t.is(engine.asked(), 3);
});

test('a connection that breaks each time is no answer', async (t) => {
  using engine = await brittleEngine(Number.POSITIVE_INFINITY);
  await t.throwsAsync(engine.docker.version(), { instanceOf: EngineConnectionLost });
});

test('parameters of a query are in no body: an engine may hand it to the container', async (t) => {
  const asked = Promise.withResolvers<{ url: string; head: string }>();
  const server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', ({ url = '' }, socket, head) => {
    asked.resolve({ url, head: String(head) });
    socket.end('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const docker = patient(new Docker({ host: '127.0.0.1', port, protocol: 'http' }));
  const stream = await docker.getContainer('any').attach({ stream: true, hijack: true, stdin: true });
  const { url, head } = await asked.promise;
  stream.end();
  server.close();
  t.regex(url, /\/attach\?.*stream=true/);
  t.is(head, '');
});

test('what is created is described in the body', async (t) => {
  const described = Promise.withResolvers<unknown>();
  const server = createServer(async (request, answer) => {
    described.resolve(await json(request));
    answer.writeHead(201, { 'content-type': 'application/json' }).end('{"Id":"1"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const docker = patient(new Docker({ host: '127.0.0.1', port, protocol: 'http' }));
  await docker.createContainer({ Image: 'any' });
  server.close();
  t.like(await described.promise, { Image: 'any' });
});

test('what may have been done is not asked again', async (t) => {
  using engine = await brittleEngine(1);
  await t.throwsAsync(engine.docker.createContainer({ Image: 'any' }), { instanceOf: EngineConnectionLost });
  t.is(engine.asked(), 1);
});
