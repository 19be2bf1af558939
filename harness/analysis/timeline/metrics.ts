import { max } from 'simple-statistics';
import type { Observation } from '../../observations/observation.ts';
import type { Followed } from './episodes.ts';
import { type Clock, lengthOf } from './outage.ts';
import type { Participant } from './pair.ts';
import {
  earliest,
  firstAdvertisement,
  firstAnnouncement,
  neighbourUpdate,
  type Scene,
  vipAdded,
} from './phases.ts';

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

/** What a metric is read from: something that was done, what followed it, and the whole history. */
export interface Seen extends Followed, Scene {
  readonly history: readonly Observation[];
  readonly clock: Clock;
  /** From when it was done, ms. */
  readonly since: (entry: Observation | undefined) => number | undefined;
  /** Whether there was a prober. */
  readonly observed: boolean;
  /** Spacing of the HTTP prober, ms. */
  readonly spacingMs: number;
}

interface Read extends MetricMeaning {
  /** Undefined where it was not seen. */
  readonly of: (seen: Seen) => number | undefined;
}

const STRUCK = 'the instant when it struck';
export const CAPTURE = 'capture at the switch, kernel stamps';
const NETLINK = 'netlink monitor, stamped when it is read';
const PROBER = 'HTTP prober, in the fabric';
const PACKETS = 'packet prober, kernel stamps';
const HELD = 'held connections, in the fabric';
export const NONE = 'exact: a count';
const MICRO = 'below 0.1 ms, and half the width of the fault';
const READ = 'a scheduler’s delay in the monitor, and half the width of the fault';
const ABSENT = 'absent where it was not seen';
export const OPEN = 'at least so long, with `over: false`';
const SETTLED = 'what is under way when observation ends is not in it';

/** The metrics that a history tells. */
export const READ_METRICS = {
  advertPhase: {
    of: ({ clock, atMs, ...seen }) => {
      const last = lastAdvertisement({ clock, atMs, ...seen });
      return last && atMs - clock(last.atNs);
    },
    unit: 'ms',
    from: 'the last advertisement of the holder, farewells apart; below 0 where it still sent one while the fault was made',
    to: STRUCK,
    clock: CAPTURE,
    uncertainty: MICRO,
    worst: 'absent where the holder sent none, as in a SINGLE topology',
  },
  detection: {
    of: (seen) => seen.since(firstAdvertisement(seen)),
    unit: 'ms',
    from: STRUCK,
    to: 'the first advertisement by another than the holder, priority 0 apart',
    clock: CAPTURE,
    uncertainty: MICRO,
    worst: ABSENT,
  },
  vipAdded: {
    of: (seen) => seen.since(vipAdded(seen)),
    unit: 'ms',
    from: STRUCK,
    to: 'the VIP is on an interface of another than the holder',
    clock: NETLINK,
    uncertainty: READ,
    worst: ABSENT,
  },
  firstGarp: {
    of: (seen) => seen.since(firstAnnouncement(seen)),
    unit: 'ms',
    from: STRUCK,
    to: 'the first gratuitous ARP or unsolicited neighbour advertisement of the new holder for the VIP',
    clock: CAPTURE,
    uncertainty: MICRO,
    worst: ABSENT,
  },
  neighbourUpdate: {
    of: (seen) => seen.since(neighbourUpdate(seen)),
    unit: 'ms',
    from: STRUCK,
    to: 'the router’s entry for the VIP has the MAC of the new holder',
    clock: NETLINK,
    uncertainty: READ,
    worst: ABSENT,
  },
  firstSuccess: {
    of: (seen) => seen.since(firstSuccess(seen)),
    unit: 'ms',
    from: STRUCK,
    to: 'the first request that the new holder answers was sent; of the old one, where nobody took over',
    clock: PROBER,
    uncertainty: 'one spacing',
    worst: 'absent where none was answered',
  },
  outage: {
    of: ({ observed, requests }) => (observed ? (requests ? lengthOf(requests) : 0) : undefined),
    unit: 'ms',
    from: 'the service stops answering: between the last answer and the first that was due',
    to: 'it answers again: between the last answer that was due and the first that came',
    clock: PROBER,
    uncertainty: '`uncertainty`; no bias',
    worst: `${OPEN}; 0 where nothing was lost, held for long, or silent to packets too`,
  },
  outageFrom: {
    of: ({ requests, atMs }) => requests && requests.fromMs - atMs,
    unit: 'ms',
    from: STRUCK,
    to: 'the begin of `outage`',
    clock: PROBER,
    uncertainty: 'half a spacing',
    worst: 'absent where there was no outage; below 0 where service was lost before',
  },
  uncertainty: {
    of: ({ observed, requests, spacingMs }) =>
      observed ? (requests?.uncertaintyMs ?? spacingMs) : undefined,
    unit: 'ms',
    from: '`outage` less this',
    to: '`outage` more this',
    clock: PROBER,
    uncertainty: 'a bound, not an estimate',
    worst:
      'one spacing; more where the prober itself was late, which makes a run invalid above its tolerance',
  },
  lost: {
    of: ({ observed, lost }) => (observed ? lost.length : undefined),
    unit: 'count',
    from: STRUCK,
    to: 'the next thing that is done, or the end of its outage',
    clock: PROBER,
    uncertainty: NONE,
    worst: `requests without a good answer within the prober’s patience; by cause in \`losses\`; ${SETTLED}`,
  },
  delayed: {
    of: ({ requests }) => requests?.delayedByMs.length || undefined,
    unit: 'count',
    from: 'the begin of `outage`',
    to: 'its end',
    clock: PROBER,
    uncertainty: NONE,
    worst: 'requests that were held meanwhile and answered with the return; absent where none was',
  },
  delayedMax: {
    of: ({ requests }) => (requests?.delayedByMs.length ? max([...requests.delayedByMs]) : undefined),
    unit: 'ms',
    from: 'the answer to such a request was due',
    to: 'it came',
    clock: PROBER,
    uncertainty: 'the spread of a steady answer’s time, below 2 ms',
    worst: 'at most the prober’s patience: what waits longer is lost',
  },
  retried: {
    of: (seen) => connections(seen, 'retried'),
    unit: 'count',
    from: STRUCK,
    to: 'the next thing that is done',
    clock: HELD,
    uncertainty: NONE,
    worst: `requests over the testbed’s held connections that were answered when sent again; ${SETTLED}`,
  },
  cutConnections: {
    of: (seen) => connections(seen, 'cut'),
    unit: 'count',
    from: STRUCK,
    to: 'the next thing that is done',
    clock: HELD,
    uncertainty: NONE,
    worst: `the testbed’s own held connections that ended in mid-request or did not answer in time; ${SETTLED}`,
  },
  packetOutage: {
    of: ({ history, packets }) => {
      if (packets) return lengthOf(packets);
      return history.some(({ kind }) => kind === 'packets' || kind === 'silence') ? 0 : undefined;
    },
    unit: 'ms',
    from: 'the last packet answered, and half a spacing',
    to: 'the first one answered again, less half a spacing',
    clock: PACKETS,
    uncertainty: '`packetUncertainty`',
    worst: `${OPEN}; the kernel answers: a process that hangs is not seen`,
  },
  packetUncertainty: {
    of: ({ packets }) => packets?.uncertaintyMs,
    unit: 'ms',
    from: '`packetOutage` less this',
    to: '`packetOutage` more this',
    clock: PACKETS,
    uncertainty: 'a bound, not an estimate',
    worst: 'as long as the sender paused; absent where no packet was lost',
  },
} as const satisfies Readonly<Record<string, Read>>;

/**
 * Instants (ms after it struck), durations and counts of an episode; what was not seen is absent. All are on the
 * kernel's clock.
 */
export type Metrics = { readonly [Name in keyof typeof READ_METRICS]?: number };

export function measured(seen: Seen): Metrics {
  return Object.fromEntries(
    Object.entries<Read>(READ_METRICS).flatMap(([name, { of }]) => {
      const figure = of(seen);
      return figure === undefined ? [] : [[name, figure]];
    }),
  );
}

/** The holder's last advertisement. It may have been heard while the fault was being made: the fault struck after it. */
function lastAdvertisement({ history, clock, atMs, widthMs, holder }: Seen): Observation | undefined {
  return history
    .filter(
      // A farewell is of the fault itself.
      (entry) => clock(entry.atNs) <= atMs + widthMs && isAdvertisement(entry, holder) && !isFarewell(entry),
    )
    .reduce<Observation | undefined>(
      (best, entry) => (best && BigInt(best.atNs) >= BigInt(entry.atNs) ? best : entry),
      undefined,
    );
}

/** One that keeps the VIP is back when it answers again. */
function firstSuccess({ entries, taker, holder }: Seen): Observation | undefined {
  const servedBy = taker?.vrrpIp ?? holder.vrrpIp;
  return earliest(entries.filter((entry) => entry.kind === 'request' && entry.servedBy === servedBy));
}

function connections({ entries }: Seen, change: 'cut' | 'retried'): number {
  return entries.filter((entry) => entry.kind === 'connection' && entry.change === change).length;
}

/** Whether it is an advertisement that the switch got from this amphora. */
export function isAdvertisement(entry: Observation, { node, vrrpIp }: Participant): boolean {
  return (
    entry.kind === 'frame' &&
    entry.port === node &&
    entry.direction === 'in' &&
    entry.frame.type === 'vrrp' &&
    entry.frame.sourceIp === vrrpIp
  );
}

function isFarewell(entry: Observation): boolean {
  return entry.kind === 'frame' && entry.frame.type === 'vrrp' && entry.frame.priority === 0;
}
