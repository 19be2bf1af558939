import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** The process that hands out places for labs has gone. */
export class SlotsGone extends Error {
  override readonly name = 'SlotsGone';
}

interface Asking {
  readonly socket: Socket;
  readonly party: string;
  granted: boolean;
}

/**
 * Places for labs, handed out to the test processes of one invocation: never more than `size` labs at once,
 * whichever scenarios they belong to. A place is a connection to a socket in Linux' abstract namespace, so
 * that the kernel gives it back when its holder dies, however it dies (unix(7)).
 */
export class Slots implements AsyncDisposable {
  readonly address: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #waiting: Asking[] = [];
  readonly #had = new Map<string, number>();
  #free: number;

  private constructor(address: string, size: number) {
    this.address = address;
    this.#free = size;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  /** @param size how many places there are, at least 1 */
  static async open(size: number): Promise<Slots> {
    const slots = new Slots(`\0amphora-testbed/slots/${randomUUID()}`, size);
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
    createInterface({ input: socket }).once('line', (party) => {
      asking = { socket, party, granted: false };
      this.#waiting.push(asking);
      this.#grant();
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

  /** The party that has had the fewest places is next, and within a party whoever came first. */
  #grant(): void {
    while (this.#free > 0 && this.#waiting.length > 0) {
      const had = ({ party }: Asking) => this.#had.get(party) ?? 0;
      const next = this.#waiting.reduce((best, entry) => (had(entry) < had(best) ? entry : best));
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#had.set(next.party, had(next) + 1);
      this.#free--;
      next.granted = true;
      next.socket.write('go\n');
    }
  }
}

/**
 * Waits for a place and holds it until disposed of.
 *
 * @param party between parties, places are shared out evenly
 * @throws SlotsGone
 */
export async function takeSlot(address: string, party: string): Promise<AsyncDisposable> {
  const socket = createConnection(address);
  const { promise: ended, resolve: end } = Promise.withResolvers<false>();
  const { promise: go, resolve: grant } = Promise.withResolvers<true>();
  socket
    .on('error', () => {})
    .on('close', () => end(false))
    .once('data', () => grant(true))
    .write(`${party}\n`);
  const granted = await Promise.race([go, ended]);
  if (!granted) throw new SlotsGone('The invocation that this run belongs to has ended.');
  return {
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await ended;
    },
  };
}
