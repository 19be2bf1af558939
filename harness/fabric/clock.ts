import { setTimeout as delay } from 'node:timers/promises';

/**
 * CLOCK_REALTIME in nanoseconds, which Node gives in milliseconds only: the monotonic clock, tied to the
 * wall clock at the edge of a millisecond. The tie is good to some microseconds and is renewed at need,
 * so that a stepped wall clock does not go unnoticed for long.
 */
export class RealtimeClock {
  #offsetNs: bigint;
  #tiedAtNs: bigint;

  constructor() {
    this.#offsetNs = tie();
    this.#tiedAtNs = process.hrtime.bigint();
  }

  /** ns since the epoch. */
  nowNs(): bigint {
    const monotonicNs = process.hrtime.bigint();
    if (monotonicNs - this.#tiedAtNs > 60_000_000_000n) {
      this.#offsetNs = tie();
      this.#tiedAtNs = monotonicNs;
    }
    return process.hrtime.bigint() + this.#offsetNs;
  }
}

/** Resolves at an instant, ns since the epoch; the last two milliseconds are spun, as timers are no finer. */
export async function instant(clock: RealtimeClock, atNs: bigint): Promise<void> {
  const remainingMs = Number(atNs - clock.nowNs()) / 1e6;
  if (remainingMs > 2) await delay(remainingMs - 2);
  while (clock.nowNs() < atNs);
}

/** Difference between wall clock and monotonic clock; spins for at most 3 ms. The greatest of three was delayed least. */
function tie(): bigint {
  let best: bigint | undefined;
  for (let attempt = 0; attempt < 3; attempt++) {
    const from = Date.now();
    let wallMs = from;
    while (wallMs === from) wallMs = Date.now();
    const offset = BigInt(wallMs) * 1_000_000n - process.hrtime.bigint();
    if (best === undefined || offset > best) best = offset;
  }
  return best ?? 0n;
}
