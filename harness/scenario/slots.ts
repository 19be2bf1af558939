import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Progress, type RunId, runName, type Stage } from '../report/progress.ts';
import type { RunResult } from '../report/result.ts';
import { eachJson } from '../streams/lines.ts';

/** The process that hands out places for labs has gone. */
export class SlotsGone extends Error {
  override readonly name = 'SlotsGone';
}

/** What a run says over its connection: who it is, whether it has its place already, how it fares, and that it leaves. */
export type Message =
  | { readonly ask: RunId; readonly held?: boolean }
  | { readonly stage: Stage }
  | { readonly leave: true }
  | { readonly ended: Outcome; readonly again: boolean };
export type Outcome = Pick<RunResult, 'status' | 'reason'>;

interface Asking {
  readonly socket: Socket;
  run: RunId;
  granted: boolean;
  leaves?: true;
}

/** A holder whose connection broke is back by then, or it has died. */
const BACK_LIMIT_MS = 1000;

/**
 * Places for labs, handed out to the test processes of one invocation: never more than `size` labs at once,
 * whichever scenarios they belong to. A place is a connection to a socket in Linux' abstract namespace, so
 * that the kernel gives it back when its holder dies, however it dies (unix(7)). Over the same connection the
 * holder says how its run fares. One whose connection breaks, and who lives, connects again.
 */
export class Slots implements AsyncDisposable {
  readonly address: string;
  readonly #server: Server;
  readonly #progress: Pick<Progress, 'stage' | 'ended'>;
  readonly #sockets = new Set<Socket>();
  readonly #waiting: Asking[] = [];
  readonly #had = new Map<string, number>();
  /** By name. */
  readonly #underWay = new Map<string, RunId>();
  /** Places whose holders' connections broke, by run. */
  readonly #missing = new Map<string, NodeJS.Timeout>();
  #size: number;
  #taken = 0;

  private constructor(address: string, size: number, progress: Pick<Progress, 'stage' | 'ended'>) {
    this.address = address;
    this.#size = size;
    this.#progress = progress;
    // Whoever cannot be let in, as this process has no descriptor left, comes again.
    this.#server = createServer((socket) => this.#welcome(socket)).on('error', () => {});
  }

  /** @param size how many places there are, at least 1 */
  static async open(size: number, progress: Pick<Progress, 'stage' | 'ended'>): Promise<Slots> {
    const slots = new Slots(`\0amphora-testbed/slots/${randomUUID()}`, size, progress);
    slots.#server.listen(slots.address);
    await once(slots.#server, 'listening');
    return slots;
  }

  /** How many places there are. */
  get size(): number {
    return this.#size;
  }

  /** From now on there are so many; whoever has one that is too many keeps it to the end of its run. */
  resize(size: number): void {
    this.#size = size;
    this.#grant();
  }

  /** How many have asked and hold nothing yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs that had their place and have not said that they ended: once told, they are forgotten. */
  takeUnderWay(): readonly RunId[] {
    const runs = [...this.#underWay.values()];
    this.#underWay.clear();
    return runs;
  }

  /** Ends handing out; whoever waits is told by the end of its connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    for (const given of this.#missing.values()) clearTimeout(given);
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    let asking: Asking | undefined;
    eachJson<Message>(socket, (message) => {
      if ('ask' in message && asking) {
        asking.run = message.ask;
        if (asking.granted) this.#begin(message.ask);
      } else if ('ask' in message) {
        const granted = message.held ?? false;
        asking = { socket, run: message.ask, granted };
        if (granted) this.#isBack(message.ask);
        else this.#waiting.push(asking);
        this.#grant();
      } else if (asking && 'stage' in message) {
        this.#progress.stage(asking.run, message.stage);
      } else if (asking && 'leave' in message) {
        asking.leaves = true;
      } else if (asking && 'ended' in message) {
        this.#underWay.delete(runName(asking.run));
        this.#progress.ended(asking.run, message.ended, message.again);
      }
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (asking?.leaves && asking.granted) this.#free();
      else if (asking?.granted) this.#isMissing(asking.run);
      else if (asking) this.#waiting.splice(this.#waiting.indexOf(asking), 1);
    });
  }

  #free(): void {
    this.#taken--;
    this.#grant();
  }

  #isMissing(run: RunId): void {
    const name = runName(run);
    const given = setTimeout(() => {
      this.#missing.delete(name);
      this.#free();
    }, BACK_LIMIT_MS);
    this.#missing.set(name, given);
  }

  #isBack(run: RunId): void {
    const missing = this.#missing.get(runName(run));
    clearTimeout(missing);
    // Where its place went to another meanwhile, none is given until one comes back.
    if (!this.#missing.delete(runName(run))) this.#taken++;
  }

  #begin(run: RunId): void {
    this.#underWay.set(runName(run), run);
  }

  /** The scenario that has had the fewest places is next, and within a scenario whoever came first. */
  #grant(): void {
    while (this.#taken < this.#size && this.#waiting.length > 0) {
      const had = ({ run }: Asking) => this.#had.get(run.scenario) ?? 0;
      const next = this.#waiting.reduce((best, entry) => (had(entry) < had(best) ? entry : best));
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#had.set(next.run.scenario, had(next) + 1);
      this.#taken++;
      next.granted = true;
      this.#begin(next.run);
      next.socket.write('go\n');
    }
  }
}
