import type {
  Deed,
  LabObservation,
  Observation,
  RequestObservation,
} from '../../observations/observation.ts';
import { backup, master, ns, VIP } from './failover.fixture.ts';

const PAIR = [master, backup] as const;
const SPACING_MS = 10;
const ANSWER_MS = 0.6;
const PATIENCE_MS = 100;
const STEADY_MS = 500;

/** Something done in a made-up story, and the outage that it begins; ms. */
export interface Act {
  readonly what: Deed;
  /** From the one before, or from the story's begin. */
  readonly afterMs: number;
  /** Until its outage begins. */
  readonly delayMs: number;
  /** Length of its outage; 0 where there is none. */
  readonly outageMs: number;
  /** Whether packets miss it too, or the kernel answers them. */
  readonly packets: boolean;
  /** When the other amphora takes over, as shares of the outage: advertisement, address, announcement, entry. */
  readonly takeOver: readonly [number, number, number, number];
}

/** An act at its place in the story. */
export interface Placed extends Act {
  readonly atMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Lays acts out, one after the other. Where the outage of an earlier one still lasts (a repair that was begun meanwhile),
 * one has none of its own: nobody could tell them apart.
 */
export function placed(acts: readonly Act[]): readonly Placed[] {
  let atMs = 0;
  let busyUntilMs = 0;
  return acts.map((act) => {
    atMs += act.afterMs;
    const outageMs = atMs < busyUntilMs + STEADY_MS ? 0 : act.outageMs;
    const fromMs = atMs + act.delayMs;
    busyUntilMs = outageMs > 0 ? fromMs + outageMs : busyUntilMs;
    return { ...act, outageMs, atMs, fromMs, toMs: fromMs + outageMs };
  });
}

/** What the observers write down of such a story: the VIP moves to and fro with each outage. */
export function historyOf(story: readonly Placed[], offsetMs: number): readonly Observation[] {
  const outages = story.filter(({ outageMs }) => outageMs > 0);
  const endMs = Math.max(...story.map(({ atMs, toMs }) => Math.max(atMs, toMs))) + 2 * STEADY_MS;
  const takenOver = (atMs: number) => PAIR[outages.filter(({ toMs }) => toMs <= atMs).length % 2] ?? master;
  const requests = Array.from(
    { length: Math.ceil((endMs + 2 * STEADY_MS) / SPACING_MS) },
    (_, sequence): RequestObservation => {
      const sentMs = offsetMs - 2 * STEADY_MS + sequence * SPACING_MS;
      const away = outages.some(({ fromMs, toMs }) => sentMs >= fromMs && sentMs < toMs);
      const common = { kind: 'request', sequence, atNs: ns(sentMs), dueNs: ns(sentMs) } as const;
      return away
        ? { ...common, endNs: ns(sentMs + PATIENCE_MS), outcome: 'failed', failure: 'timeout' }
        : {
            ...{ ...common, endNs: ns(sentMs + ANSWER_MS), outcome: 'answered' },
            servedBy: takenOver(sentMs).vrrpIp,
          };
    },
  );
  const deeds = story.map(
    ({ what, atMs }, n): LabObservation => ({
      ...{ kind: 'lab', what, name: `act ${n + 1}`, node: takenOver(atMs).node },
      ...{ atNs: ns(atMs), doneNs: ns(atMs + 2) },
    }),
  );
  const seen = outages.flatMap((act) => takeOverBy(takenOver(act.toMs), takenOver(act.fromMs), act));
  return [...deeds, ...requests, ...seen];
}

function takeOverBy(
  next: typeof master,
  last: typeof master,
  { fromMs, toMs, outageMs, packets, takeOver }: Placed,
): readonly Observation[] {
  const [advert, address, announcement, entry] = takeOver.map((share) => ns(fromMs + share * outageMs)) as [
    string,
    string,
    string,
    string,
  ];
  const frame = { kind: 'frame', port: next.node, direction: 'in', sourceMac: next.mac } as const;
  const silence: Observation = {
    ...{ kind: 'silence', atNs: ns(fromMs - 0.5), untilNs: ns(toMs + 0.5) },
    ...{ sent: Math.round(outageMs) + 1, spacingMs: 1.2 },
  };
  return [
    ...(packets ? [silence] : []),
    {
      kind: 'address',
      atNs: ns(fromMs),
      node: last.node,
      change: 'removed',
      interface: 'eth1',
      address: VIP,
    },
    {
      ...{ ...frame, atNs: advert },
      frame: {
        ...{ type: 'vrrp', version: 2, routerId: 1, priority: 90, advertIntervalMs: 1000 },
        ...{ sourceIp: next.vrrpIp, destinationIp: last.vrrpIp },
      },
    },
    { kind: 'address', atNs: address, node: next.node, change: 'added', interface: 'eth1', address: VIP },
    {
      ...{ ...frame, atNs: announcement },
      frame: {
        ...{ type: 'arp', operation: 'request', gratuitous: true },
        ...{ senderMac: next.mac, senderIp: VIP, targetIp: VIP },
      },
    },
    { kind: 'neighbour', atNs: entry, node: 'router', address: VIP, mac: next.mac, state: 'STALE' },
  ];
}
