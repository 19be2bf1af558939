import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Progress, RunEnd } from '../result/progress.ts';
import { clockMs } from '../result/timings.ts';
import { eachJson } from '../streams/lines.ts';
import { ATTEMPTS_MAX, type Job } from './plan.ts';
import type { Performer, RunOrder } from './worker.ts';

/** What a test asks for: the outcome of a job. */
export interface Asked extends Job {
  readonly scenario: string;
  readonly file: string;
}

/** What a request says: the outcome of the last attempt, or why no run can succeed here. */
export type Told = RunEnd | { readonly failed: string };

interface Entry {
  readonly asked: Asked;
  /** The requests that wait for it. */
  readonly askers: Set<Socket>;
  attempt: number;
  state: 'waiting' | 'under way' | 'over';
  told?: Told;
}

/**
 * Places for labs: never more than `size` runs are under way at once, whichever scenarios they belong to, each in a
 * process of its own that goes on to the next one. The tests of an invocation ask for outcomes over a socket in
 * Linux' abstract namespace (unix(7)). A process whose connection breaks asks again: a request is done once, also
 * when it was asked for twice.
 */
export class Slots implements AsyncDisposable {
  readonly address: string;
  readonly #server: Server;
  readonly #progress: Pick<Progress, 'stage' | 'ended'>;
  readonly #hire: () => Performer;
  readonly #sockets = new Set<Socket>();
  /** By scenario and number of the run; those that wait in the order in which they came. */
  readonly #entries = new Map<string, Entry>();
  /** How many runs of a scenario were begun. */
  readonly #had = new Map<string, number>();
  readonly #performers = new Set<Performer>();
  readonly #idle: Performer[] = [];
  readonly #serving = new Set<Promise<void>>();
  #size: number;
  #taken = 0;
  #closed = false;

  private constructor(size: number, hire: () => Performer, progress: Pick<Progress, 'stage' | 'ended'>) {
    this.address = `\0amphora-testbed/slots/${randomUUID()}`;
    this.#size = size;
    this.#hire = hire;
    this.#progress = progress;
    // A process that is refused, as no descriptor is left here, asks again.
    this.#server = createServer((socket) => this.#welcome(socket)).on('error', () => {});
  }

  /**
   * @param size how many places there are, at least 1
   * @param hire starts a process; it is asked for one run at a time
   */
  static async open(
    size: number,
    hire: () => Performer,
    progress: Pick<Progress, 'stage' | 'ended'>,
  ): Promise<Slots> {
    const slots = new Slots(size, hire, progress);
    slots.#server.listen(slots.address);
    await once(slots.#server, 'listening');
    return slots;
  }

  /** How many places there are. */
  get size(): number {
    return this.#size;
  }

  /** Changes the number of places; a run keeps a surplus place to its end. */
  resize(size: number): void {
    this.#size = size;
    this.#grant();
  }

  /** How many runs were asked for and have no place yet. */
  get waiting(): number {
    return this.#inLine().length;
  }

  /** Begins jobs before they are asked for: who asks finds them under way, or their outcome. */
  begin(jobs: readonly Asked[]): void {
    for (const job of jobs) this.#entryOf(job);
    this.#grant();
  }

  /** Resolves when nothing is under way: each lab has gone. */
  async idle(): Promise<void> {
    while (this.#serving.size > 0) await Promise.all(this.#serving);
  }

  /** Ends handing out, and the processes; waiting ones see their connection end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([closed, ...[...this.#performers].map((each) => each[Symbol.asyncDispose]())]);
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    eachJson<Asked>(socket, (asked) => {
      const entry = this.#entryOf(asked);
      entry.askers.add(socket);
      socket.on('close', () => entry.askers.delete(socket));
      if (entry.told) tell(socket, entry.told);
      // A second request is deliberate.
      if (entry.told && 'failed' in entry.told) this.#entries.delete(nameOf(asked));
      this.#grant();
    });
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #entryOf(asked: Asked): Entry {
    const entry: Entry = this.#entries.get(nameOf(asked)) ?? {
      ...{ asked, askers: new Set(), attempt: 1, state: 'waiting' },
    };
    this.#entries.set(nameOf(asked), entry);
    return entry;
  }

  #inLine(): readonly Entry[] {
    return [...this.#entries.values()].filter(({ state }) => state === 'waiting');
  }

  /** The scenario of which the fewest runs were begun is next, and within a scenario the first request. */
  #grant(): void {
    while (!this.#closed && this.#taken < this.#size) {
      const had = ({ asked }: Entry) => this.#had.get(asked.scenario) ?? 0;
      const [first, ...others] = this.#inLine();
      if (!first) return;
      const next = others.reduce((best, entry) => (had(entry) < had(best) ? entry : best), first);
      this.#begin(next);
      const served = this.#serve(next);
      this.#serving.add(served);
      served.finally(() => this.#serving.delete(served));
    }
  }

  #begin(entry: Entry): void {
    entry.state = 'under way';
    this.#had.set(entry.asked.scenario, (this.#had.get(entry.asked.scenario) ?? 0) + 1);
  }

  #free(): Performer {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.alive) return idle;
      this.#performers.delete(idle);
    }
    const hired = this.#hire();
    this.#performers.add(hired);
    return hired;
  }

  /** A run, and those that follow it in its lab. */
  async #serve(first: Entry): Promise<void> {
    this.#taken++;
    const performer = this.#free();
    for (let entry: Entry | undefined = first; entry; ) entry = await this.#perform(entry, performer);
    if (performer.alive) this.#idle.push(performer);
    else this.#performers.delete(performer);
    this.#taken--;
    this.#grant();
  }

  /** @returns the run that is next in the same lab */
  async #perform(entry: Entry, performer: Performer): Promise<Entry | undefined> {
    const { scenario, index, phaseShare, file } = entry.asked;
    const run = { scenario, index, attempt: entry.attempt };
    const order: RunOrder = { run, phaseShare, file, atMs: clockMs() };
    const performed = await performer.perform(order, (stage) => this.#progress.stage(run, stage));
    if ('failed' in performed) {
      if (entry.askers.size > 0) this.#entries.delete(nameOf(entry.asked));
      this.#end(entry, performed);
      await performer.cleared();
      return undefined;
    }
    const { outcome, whole } = performed;
    const again = outcome.status === 'invalid' && entry.attempt < ATTEMPTS_MAX;
    this.#progress.ended(run, outcome, again);
    if (again) this.#repeat(entry);
    else this.#end(entry, outcome);
    await performer.cleared();
    if (!whole) return undefined;
    const isWanted = !this.#closed && this.#taken <= this.#size;
    const next = isWanted && this.#inLine().find(({ asked }) => asked.scenario === scenario);
    if (next) this.#begin(next);
    else await performer.release();
    return next || undefined;
  }

  /** Behind all others that wait. */
  #repeat(entry: Entry): void {
    this.#entries.delete(nameOf(entry.asked));
    this.#entries.set(nameOf(entry.asked), entry);
    entry.attempt++;
    entry.state = 'waiting';
  }

  #end(entry: Entry, told: Told): void {
    entry.state = 'over';
    entry.told = told;
    for (const socket of entry.askers) tell(socket, told);
  }
}

function nameOf({ scenario, index }: Asked): string {
  return `${scenario} ${index}`;
}

function tell(socket: Socket, told: Told): void {
  socket.write(`${JSON.stringify(told)}\n`);
}
