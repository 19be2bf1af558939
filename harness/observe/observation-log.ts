import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { writeGathered } from './gathered.ts';
import type { Observation } from './observation.ts';

/** What was awaited did not come in time; the message says what was seen instead. */
export class NotObserved extends Error {
  override readonly name = 'NotObserved';
}

/** What a wait looks for: a predicate, and how to say it. */
export interface Awaited<T extends Observation> {
  /** Completes the sentence "… was not seen within n ms", e.g. `an advertisement of amphora-2`. */
  readonly what: string;
  readonly limitMs: number;
  /** Only observations at or after this instant count. */
  readonly sinceNs?: bigint;
  readonly match: (observation: Observation) => observation is T;
}

/** The one history of a run: every observer appends, scenarios wait for what they expect, a file keeps it. */
export class ObservationLog implements AsyncDisposable {
  readonly #entries: Observation[] = [];
  readonly #listeners = new Set<(observation: Observation) => void>();
  readonly #file: WriteStream;

  constructor(path: string) {
    this.#file = createWriteStream(path);
    this.#file.on('error', () => {});
  }

  get entries(): readonly Observation[] {
    return this.#entries;
  }

  /** @param line the observation as JSON, where it came as such */
  append(observation: Observation, line: string = JSON.stringify(observation)): void {
    this.#entries.push(observation);
    writeGathered(this.#file, line);
    for (const listener of this.#listeners) listener(observation);
  }

  /**
   * The first matching observation, past or coming.
   *
   * @throws NotObserved when the limit has passed, or an observer was lost
   */
  waitFor<T extends Observation>({ what, limitMs, sinceNs = 0n, match }: Awaited<T>): Promise<T> {
    const fits = (observation: Observation): observation is T =>
      match(observation) && BigInt(observation.atNs) >= sinceNs;
    const seen = this.#entries.find(fits);
    if (seen) return Promise.resolve(seen as T);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const end = () => {
      clearTimeout(limit);
      this.#listeners.delete(listener);
    };
    const listener = (observation: Observation) => {
      if (observation.kind === 'observer lost') {
        end();
        reject(new NotObserved(`${what} was not seen before ${observation.what} ended.`));
      } else if (fits(observation)) {
        end();
        resolve(observation);
      }
    };
    const limit = setTimeout(() => {
      end();
      reject(new NotObserved(`${what} was not seen within ${limitMs} ms; ${this.#tally(sinceNs)}`));
    }, limitMs);
    this.#listeners.add(listener);
    const lost = this.#entries.find((entry) => entry.kind === 'observer lost');
    if (lost) listener(lost);
    return promise;
  }

  /** Writes what is still buffered and closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#file.end();
    await finished(this.#file);
  }

  #tally(sinceNs: bigint): string {
    const counts = new Map<string, number>();
    for (const entry of this.#entries) {
      if (BigInt(entry.atNs) < sinceNs) continue;
      const name = describeKind(entry);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    if (counts.size === 0) return 'nothing at all was seen meanwhile.';
    return `seen meanwhile: ${[...counts].map(([name, count]) => `${count} × ${name}`).join(', ')}.`;
  }
}

function describeKind(entry: Observation): string {
  switch (entry.kind) {
    case 'frame':
      return `${entry.frame.type} ${entry.direction === 'in' ? 'from' : 'to'} ${entry.port}`;
    case 'request':
      return entry.outcome === 'answered'
        ? `request served by ${entry.servedBy}`
        : `request failed (${entry.failure})`;
    case 'address':
      return `${entry.address} ${entry.change} on ${entry.node}`;
    case 'neighbour':
      return `neighbour ${entry.address} ${entry.state} at ${entry.node}`;
    case 'silence':
    case 'packets':
      return entry.kind;
    case 'connection':
      return `connection ${entry.change}`;
    case 'stall':
      return `stall of ${entry.node}`;
    case 'processor':
      return `${entry.process} of ${entry.node} waiting for a processor`;
    case 'clock step':
    case 'processor watch':
    case 'observer lost':
      return entry.kind;
    case 'lab':
      return `${entry.what} ${entry.name}`;
  }
}
