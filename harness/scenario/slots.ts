import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Progress, RunId, Stage } from '../report/progress.ts';
import type { RunResult } from '../report/result.ts';

/** The process that hands out places for labs has gone. */
export class SlotsGone extends Error {
  override readonly name = 'SlotsGone';
}

/** What a run says over its connection: who it is, then how it fares. */
type Message =
  | { readonly ask: RunId }
  | { readonly stage: Stage }
  | { readonly ended: Outcome; readonly again: boolean };
type Outcome = Pick<RunResult, 'status' | 'reason'>;

interface Asking {
  readonly socket: Socket;
  run: RunId;
  granted: boolean;
}

/**
 * Places for labs, handed out to the test processes of one invocation: never more than `size` labs at once,
 * whichever scenarios they belong to. A place is a connection to a socket in Linux' abstract namespace, so
 * that the kernel gives it back when its holder dies, however it dies (unix(7)). Over the same connection the
 * holder says how its run fares.
 */
export class Slots implements AsyncDisposable {
  readonly address: string;
  readonly #server: Server;
  readonly #progress: Pick<Progress, 'stage' | 'ended'>;
  readonly #sockets = new Set<Socket>();
  readonly #waiting: Asking[] = [];
  readonly #had = new Map<string, number>();
  #free: number;

  private constructor(address: string, size: number, progress: Pick<Progress, 'stage' | 'ended'>) {
    this.address = address;
    this.#free = size;
    this.#progress = progress;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  /** @param size how many places there are, at least 1 */
  static async open(size: number, progress: Pick<Progress, 'stage' | 'ended'>): Promise<Slots> {
    const slots = new Slots(`\0amphora-testbed/slots/${randomUUID()}`, size, progress);
    slots.#server.listen(slots.address);
    await once(slots.#server, 'listening');
    return slots;
  }

  /** How many have asked and hold nothing yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Ends handing out; whoever waits is told by the end of its connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    let asking: Asking | undefined;
    createInterface({ input: socket }).on('line', (line) => {
      const message = JSON.parse(line) as Message;
      if ('ask' in message && asking) {
        asking.run = message.ask;
      } else if ('ask' in message) {
        asking = { socket, run: message.ask, granted: false };
        this.#waiting.push(asking);
        this.#grant();
      } else if (asking && 'stage' in message) {
        this.#progress.stage(asking.run, message.stage);
      } else if (asking && 'ended' in message) {
        this.#progress.ended(asking.run, message.ended, message.again);
      }
    });
    socket
      .on('error', () => {})
      .on('close', () => {
        this.#sockets.delete(socket);
        if (asking?.granted) this.#free++;
        else if (asking) this.#waiting.splice(this.#waiting.indexOf(asking), 1);
        this.#grant();
      });
  }

  /** The scenario that has had the fewest places is next, and within a scenario whoever came first. */
  #grant(): void {
    while (this.#free > 0 && this.#waiting.length > 0) {
      const had = ({ run }: Asking) => this.#had.get(run.scenario) ?? 0;
      const next = this.#waiting.reduce((best, entry) => (had(entry) < had(best) ? entry : best));
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#had.set(next.run.scenario, had(next) + 1);
      this.#free--;
      next.granted = true;
      next.socket.write('go\n');
    }
  }
}

/** A place for a lab, held until it is disposed of. */
export interface Slot extends AsyncDisposable {
  /** From now on the place serves this run. */
  passTo(run: RunId): void;
  /** The run enters a stage. */
  stage(stage: Stage): void;
  /** The run is over; `again` where it will be repeated. */
  ended(outcome: Outcome, again: boolean): void;
}

/**
 * Waits for a place; between scenarios they are shared out evenly.
 *
 * @param signal ends the waiting
 * @throws SlotsGone, also when the signal fires
 */
export async function takeSlot(address: string, run: RunId, signal?: AbortSignal): Promise<Slot> {
  const socket = createConnection(address);
  const { promise: closed, resolve: close } = Promise.withResolvers<false>();
  const { promise: go, resolve: grant } = Promise.withResolvers<true>();
  const say = (message: Message) => void socket.write(`${JSON.stringify(message)}\n`);
  socket
    .on('error', () => {})
    .on('close', () => close(false))
    .once('data', () => grant(true));
  say({ ask: run });
  signal?.addEventListener('abort', () => socket.destroy(), { once: true });
  const granted = await Promise.race([go, closed]);
  if (!granted) throw new SlotsGone('The invocation that this run belongs to has ended.');
  return {
    passTo: (next) => say({ ask: next }),
    stage: (stage) => say({ stage }),
    ended: ({ status, reason }, again) => say({ ended: { status, ...(reason && { reason }) }, again }),
    async [Symbol.asyncDispose]() {
      socket.end();
      await closed;
    },
  };
}
