import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { eachJson } from '../../streams/lines.ts';
import { RealtimeClock } from './clock.ts';

/**
 * What a client of the fabric tells that asks a server on loopback.
 *
 * @param serve what the server does with each connection
 * @param begin starts the client
 * @param enough of all that it has told by now
 */
export async function toldOf<T>(
  t: ExecutionContext,
  serve: (socket: Socket) => void,
  begin: (server: { host: string; port: number }, clock: RealtimeClock, output: PassThrough) => void,
  enough: (told: readonly T[]) => boolean,
): Promise<readonly T[]> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const output = new PassThrough();
  t.teardown(() => {
    output.destroy();
    server.close();
  });
  const told: T[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  eachJson<T>(output, (entry) => {
    told.push(entry);
    if (enough(told)) resolve();
  });
  begin({ host: '127.0.0.1', port }, new RealtimeClock(), output);
  await promise;
  return told;
}
