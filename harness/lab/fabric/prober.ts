import { connect, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { answered, attempt, type Due, type Fate } from './attempt.ts';
import { every } from './beat.ts';
import { openSocket, requestOf } from './client-socket.ts';
import type { RealtimeClock } from './clock.ts';
import { sendDatagram } from './datagram-attempt.ts';
import type { ProbeRequest } from './protocol.ts';

/** Shared by all connections: each piece is read at once. A stream for each connection costs more. */
const received = Buffer.alloc(16_384);

/**
 * Sends one request every `intervalMs`, each over a new connection or from a new port, and each at its own due time
 * (open loop: no coordinated omission), and writes its outcome as one line of JSON.
 * Ends when `output` is closed; what is then still under way is written as failed.
 */
export function probe(request: ProbeRequest, clock: RealtimeClock, output: Writable): void {
  const intervalNs = BigInt(Math.round(request.intervalMs * 1e6));
  const text = Buffer.from(requestOf(request, false));
  const send =
    request.transport === 'udp'
      ? (due: Due) => sendDatagram(request, due, clock, output)
      : (due: Due) => sendRequest(request, text, due, clock, output);
  let sequence = 0;
  let dueNs: bigint | undefined;
  const beats = every(request.intervalMs, (beatNs) => {
    dueNs ??= clock.at(beatNs);
    // Those of a moment that this process missed are sent late, and none is left out.
    for (const nowNs = clock.nowNs(); dueNs <= nowNs; dueNs += intervalNs) {
      send({ sequence: sequence++, dueNs, timeoutMs: request.timeoutMs });
    }
  });
  output.once('close', () => beats[Symbol.dispose]());
}

/** @param content the request as it goes over the wire */
function sendRequest(
  request: ProbeRequest,
  content: Buffer,
  due: Due,
  clock: RealtimeClock,
  output: Writable,
): void {
  const { host, port, asked } = request;
  let answer = '';
  const take = (text: string) => {
    answer += text;
    if (answer.includes('\r\n\r\n'))
      settle({
        ...judge(answer, asked),
        ...(socket.localPort !== undefined && { port: socket.localPort }),
      });
  };
  const settle = attempt(due, clock, output, () => socket.destroy());
  const socket: Socket = asked?.tls
    ? openSocket(request).on('data', (piece) => take(piece.toString('latin1')))
    : connect({
        // Its one write waits for nothing (RFC 9293, section 3.7.4): Nagle's algorithm may stay.
        ...{ host, port },
        onread: {
          buffer: received,
          callback: (length) => {
            take(received.toString('latin1', 0, length));
            return true;
          },
        },
      });
  socket.on('connect', () => socket.write(content));
  socket.on('end', () => settle({ outcome: 'failed', failure: 'closed before an answer' }));
  socket.on('error', (error: NodeJS.ErrnoException) =>
    settle({ outcome: 'failed', failure: error.code ?? error.message }),
  );
}

function judge(answer: string, asked: ProbeRequest['asked']): Fate {
  const status = /^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1];
  const isServed = asked ? /^[234]/.test(status ?? '') : status === '200';
  return isServed ? answered(answer) : { outcome: 'failed', failure: `status ${status ?? 'unknown'}` };
}
