import type {
  AddressObservation,
  FrameObservation,
  LabObservation,
  NeighbourObservation,
  Observation,
  RequestObservation,
} from './observation.ts';

/** When synthetic histories have their fault, ms since the epoch. */
export const FAULT_AT_MS = 1_700_000_000_000;

/** The instant this many milliseconds after the fault. */
export function at(ms: number): string {
  return String(BigInt(FAULT_AT_MS) * 1_000_000n + BigInt(Math.round(ms * 1e6)));
}

export const VIP = '172.16.1.10';

export function fault(ms: number, doneMs = ms): LabObservation {
  return { kind: 'lab', what: 'fault', name: 'power loss', atNs: at(ms), doneNs: at(doneMs) };
}

/** How a request fared: served by an amphora's address, or a failure. */
export type Fate = { readonly by: string } | { readonly failure: string };

/** @param tookMs until its outcome was known */
export function request(sequence: number, ms: number, fate: Fate, tookMs = 1): RequestObservation {
  return {
    kind: 'request',
    sequence,
    atNs: at(ms),
    dueNs: at(ms),
    endNs: at(ms + tookMs),
    ...('by' in fate
      ? { outcome: 'answered', servedBy: fate.by }
      : { outcome: 'failed', failure: fate.failure }),
  };
}

/** One request each 10 ms, in the order in which they were sent. */
export function requests(from: { sequence: number; ms: number }, fates: readonly Fate[]): Observation[] {
  return fates.map((fate, n) => request(from.sequence + n, from.ms + 10 * n, fate));
}

export function address(
  ms: number,
  change: AddressObservation['change'],
  node: string,
  of = VIP,
): AddressObservation {
  return { kind: 'address', atNs: at(ms), node, change, interface: 'eth1', address: of };
}

export function neighbour(ms: number, mac: string): NeighbourObservation {
  return { kind: 'neighbour', atNs: at(ms), node: 'router', address: VIP, mac, state: 'REACHABLE' };
}

export function advertisement(
  ms: number,
  from: { readonly node: string; readonly ip: string },
  priority: number,
): FrameObservation {
  return {
    ...frameFrom(ms, from.node),
    frame: {
      type: 'vrrp',
      version: 2,
      routerId: 1,
      priority,
      advertIntervalMs: 1000,
      sourceIp: from.ip,
      destinationIp: '172.16.1.99',
    },
  };
}

/** A gratuitous ARP for the VIP. */
export function announcement(ms: number, node: string): FrameObservation {
  return {
    ...frameFrom(ms, node),
    frame: {
      type: 'arp',
      operation: 'request',
      senderMac: 'fa:16:3e:00:00:99',
      senderIp: VIP,
      targetIp: VIP,
      gratuitous: true,
    },
  };
}

function frameFrom(ms: number, port: string): Omit<FrameObservation, 'frame'> {
  return { kind: 'frame', atNs: at(ms), port, direction: 'in', sourceMac: 'fa:16:3e:00:00:99' };
}
