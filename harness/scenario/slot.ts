import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunId, Stage } from '../report/progress.ts';
import { type Message, type Outcome, SlotsGone } from './slots.ts';

/** A peer that does not close its side within this is not waited for. */
const CLOSE_LIMIT_MS = 5000;

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
  const line = new Line(address, run);
  const giveUp = () => line.end();
  signal?.addEventListener('abort', giveUp, { once: true });
  if (!(await line.granted)) throw new SlotsGone('The invocation that this run belongs to has ended.');
  signal?.removeEventListener('abort', giveUp);
  return {
    passTo: (next) => line.passTo(next),
    stage: (stage) => line.say({ stage }),
    ended: ({ status, reason }, again) => line.say({ ended: { status, ...(reason && { reason }) }, again }),
    async [Symbol.asyncDispose]() {
      line.say({ leave: true });
      line.end();
      await Promise.race([line.closed, delay(CLOSE_LIMIT_MS, undefined, { ref: false })]);
    },
  };
}

/**
 * A run's connection to the slots, made anew when it breaks while both ends live: neither the wait nor the place is
 * lost then. What was on its way may be; it is for the eye alone.
 */
class Line {
  /** Resolves with whether the place was given, or whoever gives them has gone. */
  readonly granted: Promise<boolean>;
  /** Resolves when it has ended and is not made anew. */
  readonly closed: Promise<void>;
  readonly #address: string;
  readonly #grant: (granted: boolean) => void;
  readonly #close: () => void;
  #run: RunId;
  #socket: Socket;
  #held = false;
  #ending = false;

  constructor(address: string, run: RunId) {
    const granted = Promise.withResolvers<boolean>();
    const closed = Promise.withResolvers<void>();
    this.granted = granted.promise;
    this.closed = closed.promise;
    this.#grant = granted.resolve;
    this.#close = closed.resolve;
    this.#address = address;
    this.#run = run;
    this.#socket = this.#connect();
  }

  passTo(run: RunId): void {
    this.#run = run;
    this.say({ ask: run });
  }

  say(message: Message): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  end(): void {
    this.#ending = true;
    this.#socket.end();
  }

  #connect(): Socket {
    let connected = false;
    const socket = createConnection(this.#address);
    socket
      .on('error', () => {})
      .on('connect', () => {
        connected = true;
      })
      .on('data', () => {
        this.#held = true;
        this.#grant(true);
      })
      .on('close', () => {
        // One that is refused has nobody at its other end any more.
        if (connected && !this.#ending) {
          this.#socket = this.#connect();
          return;
        }
        this.#grant(false);
        this.#close();
      });
    socket.write(`${JSON.stringify({ ask: this.#run, held: this.#held } satisfies Message)}\n`);
    return socket;
  }
}
