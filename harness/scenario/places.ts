import type { Lab } from '../lab/lab.ts';
import type { RunId } from '../report/progress.ts';
import { type Slot, takeSlot } from './slot.ts';

/** A place for a lab, and the one that stands there already where the run before has left it whole. */
export interface Place {
  readonly slot: Slot;
  readonly lab?: Lab;
}

interface Waiting {
  readonly run: RunId;
  readonly take: (place: Place) => void;
}

/**
 * The places of one scenario's runs. A lab that is left whole goes to the next run that waits, with its place:
 * so there are never more labs than places.
 */
export class Places {
  readonly #address: string;
  readonly #waiting = new Set<Waiting>();

  /** @param address of the slots */
  constructor(address: string) {
    this.#address = address;
  }

  /** @throws SlotsGone */
  take(run: RunId): Promise<Place> {
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    const asking = new AbortController();
    const waiting: Waiting = {
      run,
      take: (place) => {
        this.#waiting.delete(waiting);
        asking.abort();
        resolve(place);
      },
    };
    this.#waiting.add(waiting);
    takeSlot(this.#address, run, asking.signal).then(
      async (slot) => {
        if (this.#waiting.delete(waiting)) resolve({ slot });
        // Somebody's lab came in the same moment.
        else await slot[Symbol.asyncDispose]();
      },
      (error: unknown) => {
        if (this.#waiting.delete(waiting)) reject(error);
      },
    );
    return promise;
  }

  /** Gives the place back. A lab that was left whole goes to the next run; where none waits, it is destroyed. */
  async leave({ slot }: Place, whole?: Lab): Promise<void> {
    const usable = whole && this.#waiting.size > 0 && (await revived(whole));
    const [next] = this.#waiting;
    if (usable && next) {
      slot.passTo(next.run);
      next.take({ slot, lab: whole });
      return;
    }
    await using _place = slot;
    await whole?.[Symbol.asyncDispose]();
  }
}

async function revived(lab: Lab): Promise<boolean> {
  try {
    await lab.revive();
    return true;
  } catch (error) {
    process.stderr.write(`${lab.name}: ${(error as Error).message} The next run gets a new lab.\n`);
    return false;
  }
}
