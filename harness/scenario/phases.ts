/**
 * The instants of the runs' faults between two advertisements, as shares of the interval: one in each of
 * `runs` equal strata, at a place that the seed decides. Near the ends the next advertisement would race the
 * fault, so they are left out.
 */
export function phaseShares(runs: number, seed: number): readonly number[] {
  const random = generator(seed);
  return Array.from({ length: runs }, (_, n) => 0.03 + 0.9 * ((n + random()) / runs));
}

/** Mulberry32: a small generator whose sequences are equal on every machine. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
