import type { PeerSyncMetric } from '../timeline/peer-sync.ts';
import type { Metrics } from '../timeline/timeline.ts';
import type { MeasureName } from '../verdict/facts.ts';

/** What a figure of a run is: where it begins and ends, its source, how exact it is, and its value in the worst case. */
export interface MetricMeaning {
  readonly unit: 'ms' | 'count';
  readonly from: string;
  readonly to: string;
  /** Whose observation and whose clock: all are CLOCK_REALTIME of the one kernel. */
  readonly clock: string;
  readonly uncertainty: string;
  readonly worst: string;
}

export type MetricName =
  | keyof Metrics
  | 'excess'
  | 'packetExcess'
  | 'starved'
  | 'packetStarved'
  | PeerSyncMetric
  | MeasureName;

const STRUCK = 'the instant when it struck';
const CAPTURE = 'capture at the switch, kernel stamps';
const NETLINK = 'netlink monitor, stamped when it is read';
const PROBER = 'HTTP prober, in the fabric';
const PACKETS = 'packet prober, kernel stamps';
const HELD = 'held connections, in the fabric';
const TABLES = 'looks at the tables of all HAProxies, in the fabric';
const NONE = 'exact: a count';
const MICRO = 'below 0.1 ms, and half the width of the fault';
const READ = 'a scheduler’s delay in the monitor, and half the width of the fault';
const ABSENT = 'absent where it was not seen';
const OPEN = 'at least so long, with `over: false`';
const SETTLED = 'what is under way when observation ends is not in it';

/**
 * Each metric of result.json by its name: one name, one meaning. Metrics are of an episode, a thing that was done: they
 * count until the next one. Durations and instants are ms, instants are relative to when it struck.
 */
export const METRICS: Readonly<Record<MetricName, MetricMeaning>> = {
  advertPhase: {
    unit: 'ms',
    from: 'the last advertisement of the holder, farewells apart',
    to: STRUCK,
    clock: CAPTURE,
    uncertainty: MICRO,
    worst: 'absent where the holder sent none, as in a SINGLE topology',
  },
  detection: {
    unit: 'ms',
    from: STRUCK,
    to: 'the first advertisement by another than the holder, priority 0 apart',
    clock: CAPTURE,
    uncertainty: MICRO,
    worst: ABSENT,
  },
  vipAdded: {
    unit: 'ms',
    from: STRUCK,
    to: 'the VIP is on an interface of another than the holder',
    clock: NETLINK,
    uncertainty: READ,
    worst: ABSENT,
  },
  firstGarp: {
    unit: 'ms',
    from: STRUCK,
    to: 'the first gratuitous ARP or unsolicited neighbour advertisement of the new holder for the VIP',
    clock: CAPTURE,
    uncertainty: MICRO,
    worst: ABSENT,
  },
  neighbourUpdate: {
    unit: 'ms',
    from: STRUCK,
    to: 'the router’s entry for the VIP has the MAC of the new holder',
    clock: NETLINK,
    uncertainty: READ,
    worst: ABSENT,
  },
  firstSuccess: {
    unit: 'ms',
    from: STRUCK,
    to: 'the first request that the new holder answers was sent; of the old one, where nobody took over',
    clock: PROBER,
    uncertainty: 'one spacing',
    worst: 'absent where none was answered',
  },
  outage: {
    unit: 'ms',
    from: 'the service stops answering: between the last answer and the first that was due',
    to: 'it answers again: between the last answer that was due and the first that came',
    clock: PROBER,
    uncertainty: '`uncertainty`; no bias',
    worst: `${OPEN}; 0 where nothing was lost, held for long, or silent to packets too`,
  },
  outageFrom: {
    unit: 'ms',
    from: STRUCK,
    to: 'the begin of `outage`',
    clock: PROBER,
    uncertainty: 'half a spacing',
    worst: 'absent where there was no outage; below 0 where service was lost before',
  },
  uncertainty: {
    unit: 'ms',
    from: '`outage` less this',
    to: '`outage` more this',
    clock: PROBER,
    uncertainty: 'a bound, not an estimate',
    worst:
      'one spacing; more where the prober itself was late, which makes a run invalid above its tolerance',
  },
  lost: {
    unit: 'count',
    from: STRUCK,
    to: 'the next thing that is done, or the end of its outage',
    clock: PROBER,
    uncertainty: NONE,
    worst: `requests without a good answer within the prober’s patience; by cause in \`losses\`; ${SETTLED}`,
  },
  delayed: {
    unit: 'count',
    from: 'the begin of `outage`',
    to: 'its end',
    clock: PROBER,
    uncertainty: NONE,
    worst: 'requests that were held meanwhile and answered with the return; absent where none was',
  },
  delayedMax: {
    unit: 'ms',
    from: 'the answer to such a request was due',
    to: 'it came',
    clock: PROBER,
    uncertainty: 'the spread of a steady answer’s time, below 2 ms',
    worst: 'at most the prober’s patience: what waits longer is lost',
  },
  retried: {
    unit: 'count',
    from: STRUCK,
    to: 'the next thing that is done',
    clock: HELD,
    uncertainty: NONE,
    worst: `requests over the testbed’s held connections that were answered when sent again; ${SETTLED}`,
  },
  cutConnections: {
    unit: 'count',
    from: STRUCK,
    to: 'the next thing that is done',
    clock: HELD,
    uncertainty: NONE,
    worst: `the testbed’s own held connections that ended in mid-request or did not answer in time; ${SETTLED}`,
  },
  packetOutage: {
    unit: 'ms',
    from: 'the last packet answered, and half a spacing',
    to: 'the first one answered again, less half a spacing',
    clock: PACKETS,
    uncertainty: '`packetUncertainty`',
    worst: `${OPEN}; the kernel answers: a process that hangs is not seen`,
  },
  packetUncertainty: {
    unit: 'ms',
    from: '`packetOutage` less this',
    to: '`packetOutage` more this',
    clock: PACKETS,
    uncertainty: 'a bound, not an estimate',
    worst: 'as long as the sender paused; absent where no packet was lost',
  },
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
