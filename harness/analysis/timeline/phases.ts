import { announces } from '../../observations/announcement.ts';
import type { Observation } from '../../observations/observation.ts';
import { type PairFacts, type Participant, participantsOf } from './pair.ts';

/** What was seen after something was done. */
export interface Scene {
  readonly entries: readonly Observation[];
  readonly vip: string;
  /** Whether VRRP decides who takes over, and not the controller. */
  readonly elects: boolean;
  /** Held the VIP when it was done. */
  readonly holder: Participant;
  /** Takes over: the first other that says that it is the master; without VRRP, the one that gets the address. */
  readonly taker?: Partial<Participant>;
}

/** A part of an outage. */
interface Phase {
  readonly name: string;
  /** What ends it, for a table. */
  readonly short: string;
  /** The same in a clause that explains it. */
  readonly until: string;
  /** In a bar of text. */
  readonly mark: string;
  /** In pictures, on light and on dark ground; told apart with every kind of colour blindness (Okabe and Ito). */
  readonly colour: readonly [light: string, dark: string];
  /** Who delays it while it waits for a processor: keepalived of the taker, what serves there, or nobody but a kernel. */
  readonly inHand: 'keepalived' | 'service' | 'kernel';
  /** The observation that ends it; absent for the last, which ends with the outage. */
  readonly ends?: (scene: Scene) => Observation | undefined;
}

const ROWS = [
  {
    name: 'detection',
    short: 'first advertisement of the new master, at the switch',
    until: 'the backup has noticed that the master is gone, and sends its first advertisement',
    mark: '█',
    colour: ['#8ccdf0', '#2b6f97'],
    inHand: 'keepalived',
    ends: noticed,
  },
  {
    name: 'promotion',
    short: 'VIP on its interface',
    until: 'the VIP is on its interface',
    mark: '▓',
    colour: ['#cc79a7', '#d792b8'],
    inHand: 'keepalived',
    ends: vipAdded,
  },
  {
    name: 'announcement',
    short: 'first gratuitous ARP, at the switch',
    until: 'its first gratuitous ARP announces the new place of the VIP',
    mark: '▒',
    colour: ['#009e73', '#2fbf94'],
    inHand: 'keepalived',
    ends: firstAnnouncement,
  },
  {
    name: 'learning',
    short: "router's neighbour entry",
    until: 'the router’s neighbour entry has changed',
    mark: '░',
    colour: ['#e2d53a', '#f0e442'],
    inHand: 'kernel',
    ends: neighbourUpdate,
  },
  {
    name: 'recovery',
    short: 'first request answered',
    until: 'the first request is answered again',
    mark: '▉',
    colour: ['#6b4f1d', '#c79a4b'],
    inHand: 'service',
  },
] as const satisfies readonly Phase[];

export type PhaseName = (typeof ROWS)[number]['name'];
/** What the outage of a failover is made of, in its order. */
export const PHASES: readonly (Phase & { readonly name: PhaseName })[] = ROWS;
/** Parts of the outage, ms; they add up to it. */
export type Phases = Readonly<Record<PhaseName, number>>;

/** @param entries what was seen from when it was done */
export function sceneOf(entries: readonly Observation[], facts: PairFacts, holder: Participant): Scene {
  const elects = facts.master.node !== facts.backup.node;
  const scene = { entries, vip: facts.vip, elects, holder };
  const [detection, added] = [firstAdvertisement(scene), vipAdded(scene)];
  const frame = detection?.kind === 'frame' ? detection : undefined;
  const node = frame?.port ?? (added?.kind === 'address' ? added.node : undefined);
  if (node === undefined) return scene;
  const known = participantsOf(facts).find((participant) => participant.node === node);
  const heard = frame && {
    mac: frame.sourceMac,
    ...(frame.frame.type === 'vrrp' && { vrrpIp: frame.frame.sourceIp }),
  };
  return { ...scene, taker: known ?? { node, ...heard } };
}

export function firstAdvertisement({ entries, holder }: Scene): Observation | undefined {
  return earliest(
    entries.filter(
      (entry) =>
        entry.kind === 'frame' &&
        entry.direction === 'in' &&
        entry.frame.type === 'vrrp' &&
        entry.frame.priority > 0 &&
        entry.port !== holder.node,
    ),
  );
}

/**
 * What shows first that a backup has noticed. Its advertisements may come later than the VIP: unicast ones wait in its
 * kernel for the MAC of a peer that does not answer.
 */
function noticed(scene: Scene): Observation | undefined {
  const shown = [firstAdvertisement(scene), scene.elects ? vipAdded(scene) : undefined];
  return earliest(shown.filter((entry) => entry !== undefined));
}

export function vipAdded({ entries, holder, vip }: Scene): Observation | undefined {
  return earliest(
    entries.filter(
      (entry) =>
        entry.kind === 'address' &&
        entry.node !== holder.node &&
        entry.address === vip &&
        entry.change === 'added',
    ),
  );
}

export function firstAnnouncement({ entries, taker, vip }: Scene): Observation | undefined {
  const node = taker?.node;
  return node === undefined ? undefined : earliest(entries.filter((entry) => announces(entry, node, vip)));
}

export function neighbourUpdate({ entries, taker, vip }: Scene): Observation | undefined {
  return earliest(
    entries.filter(
      (entry) =>
        entry.kind === 'neighbour' &&
        entry.node === 'router' &&
        entry.address === vip &&
        entry.mac === taker?.mac,
    ),
  );
}

/** Takes observations in any order, as observers log them when they arrive. */
export function earliest(entries: readonly Observation[]): Observation | undefined {
  return entries.reduce<Observation | undefined>(
    (best, entry) => (best && BigInt(best.atNs) <= BigInt(entry.atNs) ? best : entry),
    undefined,
  );
}
