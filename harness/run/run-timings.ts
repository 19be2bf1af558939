import { readVrrpConfiguration } from '../analysis/model/keepalived-configuration.ts';
import { masterDownIntervalMs } from '../analysis/model/vrrp.ts';
import type { StoredRun } from '../analysis/verdict/facts.ts';
import type { Observation } from '../observations/observation.ts';
import type { RunResult } from '../result/result.ts';
import { type Part, type Timing, timingsBetween } from '../result/timings.ts';

/** Instants that the process which performs a run has noted, ms on CLOCK_MONOTONIC. */
export interface Moments {
  /** When the run was asked for. */
  readonly orderedMs: number;
  /** When parts of it ended, those that only the process knows. */
  readonly ends: Readonly<Partial<Record<Part, number>>>;
  /** CLOCK_MONOTONIC less CLOCK_REALTIME, ms: what is observed has its instant on the latter. */
  readonly offsetMs: number;
  /** Whether the lab was built for this run: its machines elect a master then. */
  readonly built: boolean;
}

/** Where the time of a run went, and what of it the protocol demands: the first election, and the outages. */
export function runTimings(
  { orderedMs, ends, offsetMs, built }: Moments,
  { facts, history, configurations }: Pick<StoredRun, 'facts' | 'history' | 'configurations'>,
  { faultAt, episodes }: Pick<RunResult, 'faultAt' | 'episodes'>,
): readonly Timing[] {
  const at = (ns: string) => Number(BigInt(ns) / 1000n) / 1000 + offsetMs;
  const first = history.find(isAdvertisement);
  const measured = episodes.filter(({ metrics }) => metrics.outage !== undefined);
  const backMs = measured.map(({ at: { ns }, metrics }) => at(ns) + (metrics.outage ?? 0));
  const master = facts.pair?.master.node ?? '';
  const vrrp = readVrrpConfiguration(configurations[master]?.keepalived ?? '');
  return timingsBetween(
    orderedMs,
    {
      ...ends,
      ...(built && first && { election: at(first.atNs) }),
      ...(faultAt && { phase: at(faultAt.ns) }),
      ...(backMs.length > 0 && { outage: Math.max(...backMs) }),
    },
    {
      ...(vrrp && { election: masterDownIntervalMs(vrrp.version, vrrp.advertIntMs, vrrp.priority) }),
      outage: measured.reduce(
        (sum, { metrics, predicted }) => sum + Math.min(metrics.outage ?? 0, predicted?.outage.max ?? 0),
        0,
      ),
    },
  );
}

function isAdvertisement(entry: Observation): boolean {
  return entry.kind === 'frame' && entry.direction === 'in' && entry.frame.type === 'vrrp';
}
