import { connect } from 'node:net';
import { urlHost } from '../../../src/domain/url-host.ts';
import type { Rush, RushRequest } from './protocol.ts';

/** Runs `clients` clients, each with one new connection and one request after the other, for the given time. */
export async function rush({ host, port, clients, durationMs }: RushRequest): Promise<Rush> {
  const startedMs = performance.now();
  const untilMs = startedMs + durationMs;
  let answered = 0;
  let failed = 0;
  const client = async () => {
    while (performance.now() < untilMs) {
      if (await askOnce(host, port)) answered++;
      else failed++;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { answered, failed, durationMs: performance.now() - startedMs };
}

function askOnce(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, noDelay: true });
  socket.setTimeout(1000, () => socket.destroy());
  socket.on('connect', () =>
    socket.write(`GET / HTTP/1.1\r\nHost: ${urlHost(host)}\r\nConnection: close\r\n\r\n`),
  );
  socket.once('data', (chunk) => {
    resolve(chunk.toString('latin1').startsWith('HTTP/1.1 200'));
    socket.destroy();
  });
  socket.on('error', () => {});
  socket.on('close', () => resolve(false));
  return promise;
}
