import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

/** Node's wall clock tells whole milliseconds. */
const GRAIN_NS = 1_000_000n;
/** A clock that is disciplined by changing its rate stays nearer than this; the monotonic clock's rate changes too. */
const STEP_MIN_NS = 2_000_000n;

/**
 * CLOCK_REALTIME in nanoseconds, which Node gives in milliseconds only: the monotonic clock, tied to the
 * wall clock at the edge of a millisecond. The tie is good to some microseconds. It never jumps by itself: what was due
 * at an instant stays due then.
 */
export class RealtimeClock {
  readonly #wallMs: () => number;
  /** The difference of the wall clock to the monotonic one: of this clock, and as last measured. */
  #offsetNs: bigint;
  #seenNs: bigint;

  /** @param wallMs CLOCK_REALTIME, ms */
  constructor(wallMs: () => number = () => Date.now()) {
    this.#wallMs = wallMs;
    this.#offsetNs = this.#seenNs = tie(wallMs);
  }

  /** ns since the epoch. */
  nowNs(): bigint {
    return this.at(process.hrtime.bigint());
  }

  /** When it was so late by the monotonic clock, ns since the epoch. */
  at(monotonicNs: bigint): bigint {
    return monotonicNs + this.#offsetNs;
  }

  /** Ties it to the wall clock where that was stepped. */
  follow(): void {
    this.steppedNs();
    this.#offsetNs = this.#seenNs;
  }

  /**
   * By how much the wall clock was stepped since this was asked last, ns; 0 where it was not. However late this
   * process is, that is no step.
   */
  steppedNs(): bigint {
    const beforeNs = process.hrtime.bigint() + this.#seenNs;
    const wallNs = BigInt(this.#wallMs()) * GRAIN_NS;
    const afterNs = process.hrtime.bigint() + this.#seenNs;
    if (wallNs + GRAIN_NS + STEP_MIN_NS > beforeNs && wallNs < afterNs + STEP_MIN_NS) return 0n;
    const wasNs = this.#seenNs;
    this.#seenNs = tie(this.#wallMs);
    return this.#seenNs - wasNs;
  }
}

/**
 * Resolves at an instant, ns since the epoch. Timers are no finer than a millisecond: the last two spin
 * in the event loop, so that other tasks of this process run meanwhile.
 */
export async function instant(clock: RealtimeClock, atNs: bigint): Promise<void> {
  const remainingMs = Number(atNs - clock.nowNs()) / 1e6;
  if (remainingMs > 2) await delay(remainingMs - 2);
  while (clock.nowNs() < atNs) await turn();
}

/** Difference between wall clock and monotonic clock; spins for at most 3 ms. The greatest of three was delayed least. */
function tie(now: () => number): bigint {
  let best: bigint | undefined;
  for (let attempt = 0; attempt < 3; attempt++) {
    const from = now();
    let wallMs = from;
    while (wallMs === from) wallMs = now();
    const offset = BigInt(wallMs) * GRAIN_NS - process.hrtime.bigint();
    if (best === undefined || offset > best) best = offset;
  }
  return best ?? 0n;
}
