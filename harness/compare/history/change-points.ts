import { median } from 'simple-statistics';

/** A change of a series to another level. */
export interface ChangePoint {
  /** Index of the first value at the new level. */
  readonly index: number;
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly p: number;
}

/** Nights that a level needs on either side: fewer are an episode. */
const SEGMENT_MIN = 3;
/** Every night looks at the series again, so that it must be lower than for a single look. */
const ALPHA = 0.005;

/**
 * Change points of a series of nightly medians, oldest first. Night after night, Pettitt's rank test (Applied
 * Statistics 28, 1979, with its approximation of p) is asked for a change since the last one: over the
 * whole series at once, a step that is reverted would go unnoticed.
 *
 * @param minimumEffectMs smaller steps are left alone
 */
export function changePoints(values: readonly number[], minimumEffectMs: number): readonly ChangePoint[] {
  const found: ChangePoint[] = [];
  let from = 0;
  for (let to = 2 * SEGMENT_MIN; to <= values.length; to++) {
    const likely = mostLikely(values.slice(from, to));
    if (!likely || likely.p > ALPHA) continue;
    const index = from + likely.at;
    const beforeMs = median(values.slice(from, index));
    const afterMs = median(values.slice(index, to));
    if (Math.abs(afterMs - beforeMs) < minimumEffectMs) continue;
    found.push({ index, beforeMs, afterMs, p: likely.p });
    from = index;
  }
  return found;
}

function mostLikely(values: readonly number[]): { readonly at: number; readonly p: number } | undefined {
  const n = values.length;
  let best: { at: number; k: number } | undefined;
  for (let at = SEGMENT_MIN; at <= n - SEGMENT_MIN; at++) {
    let u = 0;
    for (const before of values.slice(0, at)) {
      for (const after of values.slice(at)) u += Math.sign(after - before);
    }
    if (!best || Math.abs(u) > best.k) best = { at, k: Math.abs(u) };
  }
  return best && { at: best.at, p: Math.min(1, 2 * Math.exp((-6 * best.k ** 2) / (n ** 3 + n ** 2))) };
}
