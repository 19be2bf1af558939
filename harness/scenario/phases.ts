import { randomInt } from 'node:crypto';

/**
 * The instants of the runs' faults between two advertisements, as shares of the interval: one in each of
 * `runs` equal strata, at a place that the seed decides. Where the fault and an advertisement race, the capture
 * tells which came first.
 */
export function phaseShares(runs: number, seed: number): readonly number[] {
  const random = randomFrom(seed);
  return Array.from({ length: runs }, (_, n) => shareOf((n + random()) / runs));
}

/** Where between two advertisements a run that is alone has its fault: a new pair is steady by then, and has not been for long. */
const SOON = { fromShare: 0.4, toShare: 0.6 };

/**
 * A seed that nobody chose. The fault of a single run comes soon; those of several runs are spread over the whole interval.
 *
 * @param runs of all scenarios together; endless where a scenario is watched
 */
export function newSeed(runs: number): number {
  for (;;) {
    const seed = randomInt(1, 2 ** 31);
    if (runs > 1) return seed;
    const [share = 0] = phaseShares(runs, seed);
    if (share > SOON.fromShare && share < SOON.toShare) return seed;
  }
}

/** Never quite at an end: 2 ms on either side of an interval of a second. */
function shareOf(fraction: number): number {
  return 0.002 + 0.996 * fraction;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The same for a run whose companions are not known yet: multiples of the golden ratio, less their whole
 * part, lie evenly however many there will be (Weyl's sequence).
 *
 * @param index of the run, from 1
 */
export function phaseShareOf(index: number, seed: number): number {
  return shareOf((randomFrom(seed)() + index * GOLDEN) % 1);
}

/** Mulberry32: a small generator whose sequences are equal on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
