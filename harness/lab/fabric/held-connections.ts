import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { ConnectionObservation } from '../../observations/observation.ts';
import { openSocket, requestOf } from './client-socket.ts';
import type { RealtimeClock } from './clock.ts';
import type { HoldRequest } from './protocol.ts';

/** After a cut, and within which a new connection must be there: a SYN that is lost is sent again after a second only. */
const AGAIN_MS = 200;

/**
 * Keeps connections open as browsers and connection pools do, and sends a request over each now and then. When
 * one is cut it is opened again, and the request that was under way is sent again: the outcome of both is
 * written as lines of JSON. Ends when `output` is closed.
 */
export function hold(request: HoldRequest, clock: RealtimeClock, output: Writable): void {
  for (let connection = 0; connection < request.connections; connection++) {
    // Spread over the interval, so that no two requests coincide.
    const offsetMs = (request.intervalMs * connection) / request.connections;
    new HeldConnection(request, connection, clock, output).start(offsetMs);
  }
}

class HeldConnection {
  readonly #request: HoldRequest;
  readonly #connection: number;
  readonly #clock: RealtimeClock;
  readonly #output: Writable;
  #socket: Socket | undefined;
  #limit: NodeJS.Timeout | undefined;
  #pending: { readonly again: boolean } | undefined;
  #answer = '';

  constructor(request: HoldRequest, connection: number, clock: RealtimeClock, output: Writable) {
    this.#request = request;
    this.#connection = connection;
    this.#clock = clock;
    this.#output = output;
  }

  start(offsetMs: number): void {
    const first = setTimeout(() => this.#ask(false), offsetMs);
    const timer = setInterval(() => {
      if (!this.#pending) this.#ask(false);
    }, this.#request.intervalMs);
    this.#output.once('close', () => {
      clearTimeout(first);
      clearInterval(timer);
      clearTimeout(this.#limit);
      this.#socket?.destroy();
    });
  }

  #ask(again: boolean): void {
    const { timeoutMs } = this.#request;
    this.#pending = { again };
    this.#answer = '';
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => this.#cut('no answer'), again ? AGAIN_MS : timeoutMs);
    this.#socket ??= this.#open();
    this.#socket.write(requestOf(this.#request, true));
  }

  #open(): Socket {
    const socket = openSocket(this.#request);
    const current = () => socket === this.#socket;
    socket.on('connect', () => {
      if (!current() || !this.#pending) return;
      clearTimeout(this.#limit);
      this.#limit = setTimeout(() => this.#cut('no answer'), this.#request.timeoutMs);
    });
    socket.on('data', (chunk) => current() && this.#answered(chunk.toString('latin1')));
    socket.on('error', (error: NodeJS.ErrnoException) => current() && this.#cut(error.code ?? error.message));
    socket.on('end', () => {
      if (!current()) return;
      // Between requests, a server may close what it kept open (RFC 9112, section 9.5): nothing is lost.
      if (this.#pending) this.#cut('closed before an answer');
      else this.#forget();
    });
    return socket;
  }

  #answered(text: string): void {
    this.#answer += text;
    const [head, body] = this.#answer.split('\r\n\r\n');
    const length = Number(/^content-length: *(\d+)/im.exec(head ?? '')?.[1] ?? 0);
    if (body === undefined || body.length < length || !this.#pending) return;
    if (this.#pending.again) this.#tell('retried', 'answered when asked again');
    this.#pending = undefined;
    clearTimeout(this.#limit);
  }

  #cut(why: string): void {
    // A connection without any answer does not count as cut.
    if (this.#pending?.again !== true) this.#tell('cut', why);
    this.#forget();
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => this.#ask(true), AGAIN_MS);
    this.#pending = { again: true };
  }

  #forget(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #tell(change: ConnectionObservation['change'], detail: string): void {
    const seen: ConnectionObservation = {
      kind: 'connection',
      atNs: String(this.#clock.nowNs()),
      connection: this.#connection,
      change,
      detail,
    };
    if (this.#output.writable) this.#output.write(`${JSON.stringify(seen)}\n`);
  }
}
