import { LOST_MS } from '../../analysis/timeline/outage.ts';
import type { RunResult } from '../../result/result.ts';

/** What an independent client saw. */
export interface Seen {
  /** The program. */
  readonly client: string;
  /** The testbed's figure for the same outage. */
  readonly metric: 'outage' | 'packetOutage';
  readonly spacingMs: number;
  /** The instants of its answers in their order, ns since the epoch. */
  readonly answersNs: readonly bigint[];
  /** The end of its requests. */
  readonly untilNs: bigint;
}

/** An outage of a run beside what another client saw of it. */
export interface Agreement {
  /** What was done. */
  readonly name: string;
  readonly client: string;
  readonly metric: Seen['metric'];
  /** The client's longest time from answer to answer. */
  readonly gapMs: number;
  /** Whether an answer came after it. */
  readonly gapOver: boolean;
  /** The gap less the client's spacing. */
  readonly clientMs: number;
  readonly outageMs: number;
  readonly outageOver: boolean;
  /** The client's outage less the testbed's. */
  readonly differenceMs: number;
  readonly allowedMs: number;
  readonly agrees: boolean;
}

/**
 * Compares each outage of a run with what another client saw of it.
 *
 * A client waits one spacing from answer to answer where there is no outage at all. Where it lost requests, its gap
 * begins up to one spacing before the outage and ends up to one after it: the gap less one spacing is off by one
 * spacing at most. The testbed's is off by its own spacing at most: they may differ by the sum.
 *
 * Where the testbed's is 0, nothing was lost: the client may have been held for as long as an answer may be late.
 *
 * Two outages that are not over agree: each lasted at least until its observer stopped.
 *
 * @param spacingsMs of the testbed's probers
 */
export function agreementsOf(
  { episodes }: Pick<RunResult, 'episodes'>,
  { client, metric, spacingMs, answersNs, untilNs }: Seen,
  spacingsMs: Readonly<Record<Seen['metric'], number>>,
): readonly Agreement[] {
  const gaps = answersNs.map((fromNs, n) => {
    const toNs = answersNs[n + 1];
    return { fromNs, lengthMs: Number((toNs ?? untilNs) - fromNs) / 1e6, over: toNs !== undefined };
  });
  // The first answer that was missed was due one spacing after the last one that came, or a little later.
  const missedNs = (fromNs: bigint) => fromNs + BigInt(Math.round(2 * spacingMs * 1e6));
  return episodes.flatMap(({ name, at, metrics, over = true }, n): Agreement[] => {
    const outageMs = metrics[metric];
    const nextNs = episodes[n + 1]?.at.ns;
    const [longest] = gaps
      .filter(
        ({ fromNs }) =>
          missedNs(fromNs) >= BigInt(at.ns) && (nextNs === undefined || missedNs(fromNs) < BigInt(nextNs)),
      )
      .sort((one, other) => other.lengthMs - one.lengthMs);
    if (outageMs === undefined || !longest) return [];
    const clientMs = Math.max(0, longest.lengthMs - spacingMs);
    const differenceMs = clientMs - outageMs;
    const allowedMs = outageMs > 0 ? spacingMs + spacingsMs[metric] : LOST_MS;
    return [
      {
        ...{ name, client, metric, gapMs: longest.lengthMs, gapOver: longest.over, clientMs },
        ...{ outageMs, outageOver: over, differenceMs, allowedMs },
        agrees: over === longest.over && (!over || Math.abs(differenceMs) < allowedMs),
      },
    ];
  });
}
