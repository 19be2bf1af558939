import { Socket } from 'node:net';
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
  const send = request.transport === 'udp' ? sendDatagram : requestSender(request);
  let sequence = 0;
  let dueNs: bigint | undefined;
  const sendDue = (beatNs: bigint) => {
    dueNs ??= clock.at(beatNs);
    // Those of a moment that this process missed are sent late, and none is left out.
    for (const nowNs = clock.nowNs(); dueNs <= nowNs; dueNs += intervalNs) {
      send(request, { sequence: sequence++, dueNs, timeoutMs: request.timeoutMs }, clock, output);
    }
  };
  const beats = every(request.intervalMs, sendDue, true);
  output.once('close', () => beats[Symbol.dispose]());
}

/** A closed socket connects again, from a new port: that costs less than to make another one. */
function requestSender(request: ProbeRequest): typeof sendDatagram {
  const content = Buffer.from(requestOf(request, false));
  const closed: Client[] = [];
  // One of TLS ends with its session.
  const onClose = (client: Client) => void (request.asked?.tls || closed.push(client));
  return (_request, due, clock, output) => {
    const client = closed.pop() ?? new Client(request, content, onClose);
    client.send(due, clock, output);
  };
}

/** Sends one request after the other, each over a new connection. */
class Client {
  readonly #request: ProbeRequest;
  readonly #socket: Socket;
  #answer = '';
  #settle: (fate: Fate) => void = () => {};

  /**
   * @param content the request as it goes over the wire
   * @param onClose called when its connection has ended
   */
  constructor(request: ProbeRequest, content: Buffer, onClose: (client: Client) => void) {
    this.#request = request;
    this.#socket = request.asked?.tls
      ? openSocket(request).on('data', (piece) => this.#take(piece.toString('latin1')))
      : new Socket({
          onread: {
            buffer: received,
            callback: (length) => this.#take(received.toString('latin1', 0, length)),
          },
        });
    this.#socket
      .on('connect', () => this.#socket.write(content))
      .on('end', () => this.#settle({ outcome: 'failed', failure: 'closed before an answer' }))
      .on('error', (error: NodeJS.ErrnoException) =>
        this.#settle({ outcome: 'failed', failure: error.code ?? error.message }),
      )
      .on('close', () => onClose(this));
  }

  send(due: Due, clock: RealtimeClock, output: Writable): void {
    const { host, port, asked } = this.#request;
    this.#answer = '';
    this.#settle = attempt(due, clock, output, () => this.#socket.destroy());
    // Its one write waits for nothing (RFC 9293, section 3.7.4): Nagle's algorithm may stay.
    if (!asked?.tls) this.#socket.connect({ host, port });
  }

  #take(text: string): true {
    this.#answer += text;
    if (this.#answer.includes('\r\n\r\n')) {
      const port = this.#socket.localPort;
      this.#settle({
        ...judge(this.#answer, this.#request.asked),
        ...(port !== undefined && { port }),
      });
    }
    return true;
  }
}

function judge(answer: string, asked: ProbeRequest['asked']): Fate {
  const status = /^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1];
  const isServed = asked ? /^[234]/.test(status ?? '') : status === '200';
  return isServed ? answered(answer) : { outcome: 'failed', failure: `status ${status ?? 'unknown'}` };
}
