import {
  CAPTURE,
  type MetricMeaning,
  type Metrics,
  NONE,
  OPEN,
  READ_METRICS,
} from '../analysis/timeline/metrics.ts';
import type { PeerSyncMetric } from '../analysis/timeline/peer-sync.ts';
import type { MeasureName } from '../analysis/verdict/facts.ts';

export type MetricName =
  | keyof Metrics
  | 'excess'
  | 'packetExcess'
  | 'starved'
  | 'packetStarved'
  | PeerSyncMetric
  | MeasureName;

const TABLES = 'looks at the tables of all HAProxies, in the fabric';

/**
 * Each metric of result.json by its name: one name, one meaning. Metrics are of an episode, a thing that was done: they
 * count until the next one. Durations and instants are ms, instants are relative to when it struck.
 */
export const METRICS: Readonly<Record<MetricName, MetricMeaning>> = {
  ...READ_METRICS,
  excess: {
    unit: 'ms',
    from: 'what the protocol and the configuration demand at this phase',
    to: '`outage`',
    clock: 'model and HTTP prober',
    uncertainty: '`uncertainty`, and that of `advertPhase`',
    worst: `${OPEN}; 0 within the bounds of a demand that has a range`,
  },
  packetExcess: {
    unit: 'ms',
    from: 'what the protocol and the configuration demand at this phase',
    to: '`packetOutage`',
    clock: 'model and packet prober',
    uncertainty: '`packetUncertainty`, and that of `advertPhase`',
    worst: 'as `excess`; far below 0 where the kernel answers for a process that hangs',
  },
  starved: {
    unit: 'ms',
    from: 'a process that is responsible for a phase of the outage becomes ready to run',
    to: 'it runs: all such waits within the phases together',
    clock: 'schedstat of each process, read by the fabric',
    uncertainty: 'one reading’s interval at both ends of a phase',
    worst: 'absent where the kernel does not report it; the kernel’s own work is not included',
  },
  packetStarved: {
    unit: 'ms',
    from: 'as `starved`',
    to: 'without the phase of recovery, as packets are answered by the kernel',
    clock: 'schedstat of each process, read by the fabric',
    uncertainty: 'as `starved`',
    worst: 'as `starved`',
  },
  peerSyncLag: {
    unit: 'ms',
    from: 'an entry is in the stick table of one HAProxy',
    to: 'it is in the other’s: the median of all entries of the run',
    clock: TABLES,
    uncertainty: '`peerSyncUncertainty`',
    worst: 'too long by as much as the request takes that makes the entry; absent where half are missing',
  },
  peerSyncLagP95: {
    unit: 'ms',
    from: 'as `peerSyncLag`',
    to: 'its 95th percentile',
    clock: TABLES,
    uncertainty: '`peerSyncUncertainty`',
    worst: 'absent where one in twenty is missing',
  },
  peerSyncLagMax: {
    unit: 'ms',
    from: 'as `peerSyncLag`',
    to: 'its maximum',
    clock: TABLES,
    uncertainty: '`peerSyncUncertainty`',
    worst: 'absent where one is missing',
  },
  peerSyncUncertainty: {
    unit: 'ms',
    from: 'the lag of an entry less this',
    to: 'the lag of an entry more this',
    clock: TABLES,
    uncertainty: 'a bound, not an estimate',
    worst:
      'half of the time between two looks at each table, of the worst entry: 5 ms together, more on a busy machine',
  },
  peerSyncEntries: {
    unit: 'count',
    from: 'the first look at the tables',
    to: 'the end of observation',
    clock: TABLES,
    uncertainty: NONE,
    worst: 'entries that were made and arrived; what a restarted HAProxy learns again is not in it',
  },
  peerSyncMissing: {
    unit: 'count',
    from: 'the first look at the tables',
    to: 'the end of observation',
    clock: TABLES,
    uncertainty: 'requests under way may count: HAProxy counts the entries that they may make',
    worst: 'entries that the other HAProxy had not learned when it was seen last',
  },
  storyConnectionsCut: {
    unit: 'count',
    from: 'the story opened its connections',
    to: 'it looked at them last',
    clock: 'the harness',
    uncertainty: NONE,
    worst: 'a connection that does not answer within 5 s counts; of several groups, the one looked at last',
  },
  refreshInterval: {
    unit: 'ms',
    from: 'the first refresh of the VIP’s announcement that was awaited',
    to: 'the second',
    clock: CAPTURE,
    uncertainty: 'below 0.1 ms',
    worst: 'absent where no two refreshes were seen',
  },
};

/** The table of the reference: a line of Markdown each. */
export function metricTable(): readonly string[] {
  return [
    '| metric | unit | from | to | source | uncertainty | at worst |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...Object.entries(METRICS).map(
      ([name, { unit, from, to, clock, uncertainty, worst }]) =>
        `| \`${name}\` | ${unit} | ${from} | ${to} | ${clock} | ${uncertainty} | ${worst} |`,
    ),
  ];
}
