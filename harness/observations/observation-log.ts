import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { LATER_MS, writeGathered } from '../streams/batched-lines.ts';
import type { Observation } from './observation.ts';
import type { Pattern } from './pattern.ts';
import { seenInstead } from './seen-instead.ts';
import type { Look } from './waits.ts';

/** What was awaited did not come in time; the message says what was seen instead. */
export class NotObserved extends Error {
  override readonly name = 'NotObserved';
}

/** An observer did not keep up: the run says nothing about the system. The message names the observer. */
export class InstrumentLate extends Error {
  override readonly name = 'InstrumentLate';
}

/** Observations that come later than this, where one was waited for in vain, tell of the machine. */
const LATE_MAX_MS = 5000;

/** A wait for something in a history, and how to say it. */
export interface Awaited<T> {
  /** Completes the sentence "… was not seen within n ms", e.g. `an advertisement of amphora-2`. */
  readonly what: string;
  /** Says it instead of that sentence, up to its time. */
  readonly unseen?: string;
  readonly limitMs: number;
  /** Only observations at or after this instant count. */
  readonly sinceNs?: bigint;
  readonly look: Look<T>;
  /** What is hoped for: where it does not come, what was nearest to it is named first. */
  readonly like?: readonly Pattern[];
}

const LASTING: ReadonlySet<Observation['kind']> = new Set(['address', 'neighbour', 'lab']);

/** The one history of a run: every observer appends, scenarios wait for what they expect, a file keeps it. */
export class ObservationLog implements AsyncDisposable {
  #entries: Observation[] = [];
  readonly #listeners = new Set<(observation: Observation) => void>();
  readonly #file: WriteStream;
  readonly #nowMs: () => number;
  readonly #begunMs: number;

  /** @param nowMs the wall clock, ms since the epoch */
  constructor(path: string, nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
    this.#begunMs = nowMs();
    this.#file = createWriteStream(path);
    this.#file.on('error', () => {});
  }

  get entries(): readonly Observation[] {
    return this.#entries;
  }

  /** @param line the observation as JSON, where it came as such */
  append(observation: Observation, line: string = JSON.stringify(observation)): void {
    this.#entries.push(observation);
    writeGathered(this.#file, line, LATER_MS);
    for (const listener of this.#listeners) listener(observation);
  }

  /**
   * Forgets what is older, where it comes all the time, so that a lab can be watched for days; the file keeps it. What tells
   * who holds the VIP and what was done stays.
   */
  forget(beforeNs: bigint): void {
    this.#entries = this.#entries.filter(({ kind, atNs }) => LASTING.has(kind) || BigInt(atNs) >= beforeNs);
  }

  /**
   * What the look finds, in the past or in what comes.
   *
   * @throws NotObserved when the limit has passed, or an observer was lost
   * @throws InstrumentLate when the limit has passed, and what probers saw came too late to tell
   */
  waitFor<T>({
    what,
    unseen = `${what} was not seen`,
    limitMs,
    sinceNs = 0n,
    look,
    like = [],
  }: Awaited<T>): Promise<T> {
    const shown = look(sinceNs);
    for (const entry of this.#entries) {
      const found = shown(entry);
      if (found !== undefined) return Promise.resolve(found);
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const end = () => {
      clearTimeout(limit);
      this.#listeners.delete(listener);
    };
    const listener = (observation: Observation) => {
      if (observation.kind === 'observer lost') {
        end();
        reject(new NotObserved(`${unseen} before ${observation.what} ended.`));
        return;
      }
      const found = shown(observation);
      if (found === undefined) return;
      end();
      resolve(found);
    };
    const limit = setTimeout(() => {
      end();
      const late = this.#lateness({ limitMs, like });
      if (late) return reject(new InstrumentLate(late));
      const since = this.#entries.filter(({ atNs }) => BigInt(atNs) >= sinceNs);
      reject(new NotObserved(`${unseen} within ${limitMs} ms; ${seenInstead(since, like)}`));
    }, limitMs);
    this.#listeners.add(listener);
    const lost = this.#entries.find((entry) => entry.kind === 'observer lost');
    if (lost) listener(lost);
    return promise;
  }

  /** Why a wait in vain tells of the machine; undefined where it does not. */
  #lateness({ limitMs, like }: Required<Pick<Awaited<unknown>, 'limitMs' | 'like'>>): string | undefined {
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    const says = (late: string) =>
      `The machine was too busy: what clients got was ${late} (at most ${seconds(LATE_MAX_MS)} are tolerated).`;
    const lateMs = this.#lateMs();
    if (lateMs !== undefined) return lateMs > LATE_MAX_MS ? says(`known ${seconds(lateMs)} late`) : undefined;
    // Whatever becomes of a request, it has an outcome by its time-out.
    const isDue = limitMs > LATE_MAX_MS && like.some(({ kind }) => kind === 'request');
    return isDue ? says(`not known after ${seconds(limitMs)}`) : undefined;
  }

  /** How old the newest is that probers told, which tell something all the time; undefined where they have told nothing. */
  #lateMs(): number | undefined {
    const newest = this.#entries.findLast((entry) => entry.kind === 'request' || entry.kind === 'packets');
    if (!newest) return undefined;
    const knownMs = Number(BigInt(newest.kind === 'request' ? newest.endNs : newest.untilNs) / 1_000_000n);
    return knownMs < this.#begunMs ? 0 : this.#nowMs() - knownMs;
  }

  /** Writes what is still buffered and closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#file.end();
    await finished(this.#file);
  }
}
