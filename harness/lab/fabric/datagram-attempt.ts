import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Writable } from 'node:stream';
import { answered, attempt, type Due } from './attempt.ts';
import type { RealtimeClock } from './clock.ts';

/** Sends one datagram from a new port, as a new client does, and waits for the answer. */
export function sendDatagram(
  { host, port }: { readonly host: string; readonly port: number },
  due: Due,
  clock: RealtimeClock,
  output: Writable,
): void {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const settle = attempt(due, clock, output, () => socket.close());
  socket.on('message', (answer) =>
    settle({ ...answered(answer.toString('latin1')), port: socket.address().port }),
  );
  socket.on('error', (error: NodeJS.ErrnoException) =>
    settle({ outcome: 'failed', failure: error.code ?? error.message }),
  );
  // Only a connected socket reports that nobody listens (udp(7)).
  socket.connect(port, host, () => socket.send('whoami\r\n'));
}
