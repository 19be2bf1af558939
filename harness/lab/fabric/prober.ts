import { connect, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { answered, attempt, type Due, type Fate } from './attempt.ts';
import { openSocket, requestOf } from './client-socket.ts';
import type { RealtimeClock } from './clock.ts';
import { sendDatagram } from './datagram-attempt.ts';
import type { ProbeRequest } from './protocol.ts';

const MS = 1_000_000n;
/** Shared by all connections: each piece is read at once. A stream for each connection costs more. */
const received = Buffer.alloc(16_384);

/**
 * Sends one request every `intervalMs`, each over a new connection or from a new port, and each at its own due time
 * (open loop: no coordinated omission), and writes its outcome as one line of JSON.
 * Ends when `output` is closed; what is then still under way is written as failed.
 */
export function probe(request: ProbeRequest, clock: RealtimeClock, output: Writable): void {
  const intervalNs = BigInt(Math.round(request.intervalMs * 1e6));
  const firstDueNs = clock.nowNs() + intervalNs;
  const send = request.transport === 'udp' ? sendDatagram : sendRequest;
  let sequence = 0;
  let timer: NodeJS.Timeout | undefined;

  const sendDue = () => {
    const nowNs = clock.nowNs();
    while (firstDueNs + BigInt(sequence) * intervalNs <= nowNs) {
      const dueNs = firstDueNs + BigInt(sequence) * intervalNs;
      send(request, { sequence, dueNs, timeoutMs: request.timeoutMs }, clock, output);
      sequence++;
    }
    const nextNs = firstDueNs + BigInt(sequence) * intervalNs;
    timer = setTimeout(sendDue, Math.max(0, Number((nextNs - clock.nowNs()) / MS)));
  };
  output.once('close', () => clearTimeout(timer));
  sendDue();
}

function sendRequest(request: ProbeRequest, due: Due, clock: RealtimeClock, output: Writable): void {
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
        ...{ host, port, noDelay: true },
        onread: {
          buffer: received,
          callback: (length, buffer) => {
            take(Buffer.from(buffer.buffer, buffer.byteOffset, length).toString('latin1'));
            return true;
          },
        },
      });
  socket.on('connect', () => socket.write(requestOf(request, false)));
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
