import { quantileSorted } from 'simple-statistics';
import type { Observation, TableObservation } from '../../observations/observation.ts';

/** How long after one HAProxy of a pair the other one had the entries of the stick tables, ms. */
export interface PeerSyncLag {
  /** Entries that were seen to be made on one and to arrive on the other. */
  readonly entries: number;
  /** Entries that were made on one, and that the other had not learned when it was seen last. */
  readonly missing: number;
  /** Median over all entries, the missing ones too; absent where it is one that never arrived. */
  readonly median?: number;
  readonly p95?: number;
  readonly max?: number;
  /** The most that the lag of an entry can be off, by the time between two looks at both tables. */
  readonly uncertainty: number;
}

/** When something happened, ms: somewhere between two looks. */
interface Between {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Reads the lag of the peers from the looks at both tables. HAProxy shows how many entries there are, not which
 * (`level user`), and teaches them in the order in which they were made (doc/peers-v2.0.txt): so the n-th that was made
 * is the n-th that arrives. Entries from before the first look, and those that a restarted HAProxy learns
 * again, do not count. Pure: a stored history can be read again.
 *
 * @returns undefined where no entry was made, or only one node was looked at
 */
export function peerSyncLag(history: readonly Observation[]): PeerSyncLag | undefined {
  const looks = history.filter((entry) => entry.kind === 'table');
  if (new Set(looks.map(({ node }) => node)).size < 2) return undefined;
  const lagsMs: number[] = [];
  let uncertainty = 0;
  let missing = 0;
  for (const ofTable of Object.values(Object.groupBy(looks, ({ table }) => table))) {
    const { arrived, missing: left } = followed(ofTable ?? []);
    missing += left;
    for (const { made, there } of arrived) {
      lagsMs.push(Math.max(0, middle(there) - middle(made)));
      uncertainty = Math.max(uncertainty, (width(there) + width(made)) / 2);
    }
  }
  if (lagsMs.length + missing === 0) return undefined;
  const sorted = [
    ...lagsMs.sort((one, other) => one - other),
    ...Array.from({ length: missing }, () => Number.POSITIVE_INFINITY),
  ];
  const finite = (name: 'median' | 'p95' | 'max', share: number) => {
    const value = quantileSorted(sorted, share);
    return Number.isFinite(value) ? { [name]: value } : {};
  };
  return {
    entries: lagsMs.length,
    missing,
    ...finite('median', 0.5),
    ...finite('p95', 0.95),
    ...finite('max', 1),
    uncertainty,
  };
}

/** Its names in a run's metrics. */
export type PeerSyncMetric =
  | 'peerSyncLag'
  | 'peerSyncLagP95'
  | 'peerSyncLagMax'
  | 'peerSyncUncertainty'
  | 'peerSyncEntries'
  | 'peerSyncMissing';

/** The same as metrics of a run. */
export function peerSyncMetrics(
  history: readonly Observation[],
): Readonly<Partial<Record<PeerSyncMetric, number>>> {
  const lag = peerSyncLag(history);
  if (!lag) return {};
  return {
    ...(lag.median !== undefined && { peerSyncLag: lag.median }),
    ...(lag.p95 !== undefined && { peerSyncLagP95: lag.p95 }),
    ...(lag.max !== undefined && { peerSyncLagMax: lag.max }),
    peerSyncUncertainty: lag.uncertainty,
    peerSyncEntries: lag.entries,
    peerSyncMissing: lag.missing,
  };
}

/** Follows one table on all nodes. Entries are identified by their rank: the first is 1. */
function followed(looks: readonly TableObservation[]): {
  readonly arrived: readonly { readonly made: Between; readonly there: Between }[];
  readonly missing: number;
} {
  const originNs = BigInt(looks[0]?.atNs ?? 0);
  const msOf = (ns: string) => Number(BigInt(ns) - originNs) / 1e6;
  const held = new Map<string, { entries: number; seenMs: number }>();
  const under = new Map<number, { readonly node: string; readonly at: Between }>();
  const arrived: { made: Between; there: Between }[] = [];
  const others = (node: string) => [...held].filter(([name]) => name !== node).map(([, state]) => state);
  const elsewhere = (node: string, rank: number) => others(node).some(({ entries }) => entries >= rank);

  for (const { node, entries, atNs, sinceNs } of looks.toSorted(
    (one, other) => msOf(one.atNs) - msOf(other.atNs),
  )) {
    const at = { fromMs: msOf(sinceNs), toMs: msOf(atNs) };
    const before = held.get(node)?.entries;
    held.set(node, { entries, seenMs: at.toMs });
    // Entries of the first look were made before.
    if (before === undefined) continue;
    for (let rank = before + 1; rank <= entries; rank++) {
      const made = under.get(rank);
      if (made && made.node !== node) {
        under.delete(rank);
        arrived.push({ made: made.at, there: at });
      } else if (!made && !elsewhere(node, rank)) under.set(rank, { node, at });
    }
    // An entry that is lost before the other one had it has gone.
    for (let rank = entries + 1; rank <= before; rank++) {
      if (under.get(rank)?.node === node) under.delete(rank);
    }
  }
  const missing = [...under.values()].filter(({ node, at }) =>
    others(node).some(({ seenMs }) => seenMs > at.toMs),
  );
  return { arrived, missing: missing.length };
}

function middle({ fromMs, toMs }: Between): number {
  return (fromMs + toMs) / 2;
}

function width({ fromMs, toMs }: Between): number {
  return toMs - fromMs;
}
