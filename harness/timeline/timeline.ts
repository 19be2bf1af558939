import { announces } from '../observe/announcement.ts';
import { holdersAfter } from '../observe/holders.ts';
import type { Deed, LabObservation, Observation, RequestObservation } from '../observe/observation.ts';
import { episodesOf, type Followed } from './episodes.ts';
import { type Clock, lengthOf } from './outage.ts';

/** How the analysis identifies an amphora. */
export interface Participant {
  /** Name of the node and of its port in the switch. */
  readonly node: string;
  readonly vrrpIp: string;
  readonly mac: string;
}

/** What reading a run needs to know of the pair. */
export interface PairFacts {
  readonly vip: string;
  /** Held the VIP when the story began. */
  readonly master: Participant;
  readonly backup: Participant;
  /** Spacing of the HTTP prober. */
  readonly probeIntervalMs: number;
}

/**
 * Instants (ms after it struck), durations and counts of an episode; what was not seen is absent. All are on the
 * kernel's clock.
 */
export interface Metrics {
  readonly advertPhase?: number;
  readonly detection?: number;
  readonly vipAdded?: number;
  readonly firstGarp?: number;
  readonly neighbourUpdate?: number;
  readonly firstSuccess?: number;
  /** The time in which the service answered nothing; 0 where nothing was lost or held. */
  readonly outage?: number;
  /** When it began. */
  readonly outageFrom?: number;
  /** Half-width of the outage. */
  readonly uncertainty?: number;
  readonly lost?: number;
  /** Requests that were sent in the outage and answered late, and the latest of them by how much. */
  readonly delayed?: number;
  readonly delayedMax?: number;
  /** Requests over long-lived connections that were answered when they were sent again. */
  readonly retried?: number;
  readonly cutConnections?: number;
  /** The time in which no packet was answered: the network's view, where `outage` is the service's. */
  readonly packetOutage?: number;
  readonly packetUncertainty?: number;
}

export const PHASES = ['detection', 'promotion', 'announcement', 'learning', 'recovery'] as const;
export type PhaseName = (typeof PHASES)[number];
/** Parts of the outage, ms; they add up to it. */
export type Phases = Readonly<Record<PhaseName, number>>;

/** The outcome of one thing that was done. */
export interface Reading {
  readonly deed: LabObservation & { readonly what: Deed };
  /** When it struck, ns since the epoch: what all its metrics are relative to. */
  readonly atNs: bigint;
  /** How uncertain that is, ms. */
  readonly widthMs: number;
  /** The node that held the VIP then. */
  readonly holder: string;
  readonly metrics: Metrics;
  readonly phases?: Phases;
  /** Uncertainty of the packets' outage. */
  readonly packetPhases?: Phases;
  /** Absent where no request was observed. */
  readonly over?: boolean;
  /** The lost requests by cause. */
  readonly losses: Readonly<Record<string, number>>;
  readonly degraded?: Degraded;
  /** The last request that was answered before the outage, and the first after it. */
  readonly around?: { readonly before: RequestObservation; readonly after?: RequestObservation };
}

/** Partial service: some requests are answered and some are not. */
export interface Degraded {
  readonly sinceMs: number;
  /** Absent where it went on to the end of observation. */
  readonly untilMs?: number;
  /** Longest delay of the requests sent meanwhile. */
  readonly failedShare: number;
}

/** The instants at which the phases of a failover end, by whom. */
interface TakeOver {
  readonly detection?: Observation | undefined;
  readonly vipAdded?: Observation | undefined;
  readonly firstGarp?: Observation | undefined;
  readonly neighbourUpdate?: Observation | undefined;
  readonly firstSuccess?: Observation | undefined;
}

/** Reads all that was done in a run, in its order. Pure: a stored history can be read again. */
export function readTimeline(history: readonly Observation[], facts: PairFacts): readonly Reading[] {
  const originNs = BigInt(history[0]?.atNs ?? 0);
  // Instants are looked up many times.
  const known = new Map<string, number>();
  const clock: Clock = (atNs) => {
    const ms = known.get(atNs) ?? Number(BigInt(atNs) - originNs) / 1e6;
    known.set(atNs, ms);
    return ms;
  };
  const followed = episodesOf(history, clock, facts.probeIntervalMs);
  return followed.map((episode) => read(episode, history, facts, clock, originNs));
}

function read(
  episode: Followed,
  history: readonly Observation[],
  facts: PairFacts,
  clock: Clock,
  originNs: bigint,
): Reading {
  const { deed, atMs, widthMs, untilMs, requests: outage, packets: silence, lost } = episode;
  const here = (entry: Observation) => clock(entry.atNs) > atMs && clock(entry.atNs) < untilMs;
  const since = (entry: Observation | undefined) => entry && clock(entry.atNs) - atMs;
  const holder = holderAt(history, facts, clock, atMs);
  const seen = takeOverOf(
    history.filter((entry) => here(entry)),
    facts,
    holder,
  );
  const lastAdvertisement = latest(
    history.filter(
      // While it was being done, the master may still have been heard: it struck after that. A farewell is of the
      // fault itself.
      (entry) => clock(entry.atNs) <= atMs + widthMs && isAdvertisement(entry, holder) && !isFarewell(entry),
    ),
  );
  const connections = history.filter((entry) => entry.kind === 'connection' && here(entry));
  const observed = history.some((entry) => entry.kind === 'request');
  const packetsObserved = history.some((entry) => entry.kind === 'packets' || entry.kind === 'silence');
  const instants = [seen.detection, seen.vipAdded, seen.firstGarp, seen.neighbourUpdate].map(since);
  const relative = ({ fromMs, toMs }: { fromMs: number; toMs: number }) =>
    phasesOf(fromMs - atMs, toMs - atMs, instants);
  const count = (change: 'cut' | 'retried') =>
    connections.filter((entry) => entry.kind === 'connection' && entry.change === change).length;
  const delayed = outage?.delayedByMs ?? [];
  const degraded = degradedOf(episode, history, clock);
  const metrics = {
    advertPhase: lastAdvertisement && Math.max(0, atMs - clock(lastAdvertisement.atNs)),
    detection: since(seen.detection),
    vipAdded: since(seen.vipAdded),
    firstGarp: since(seen.firstGarp),
    neighbourUpdate: since(seen.neighbourUpdate),
    firstSuccess: since(seen.firstSuccess),
    ...(observed && {
      outage: outage ? lengthOf(outage) : 0,
      outageFrom: outage && outage.fromMs - atMs,
      uncertainty: outage?.uncertaintyMs ?? facts.probeIntervalMs,
      lost: lost.length,
      ...(delayed.length > 0 && { delayed: delayed.length, delayedMax: Math.max(...delayed) }),
    }),
    retried: count('retried'),
    cutConnections: count('cut'),
    ...(packetsObserved && {
      packetOutage: silence ? lengthOf(silence) : 0,
      packetUncertainty: silence?.uncertaintyMs,
    }),
  };
  return {
    deed,
    atNs: originNs + BigInt(Math.round(atMs * 1e6)),
    widthMs,
    holder: holder.node,
    metrics: present(metrics),
    ...(outage && { phases: relative(outage) }),
    ...(silence && { packetPhases: relative(silence) }),
    ...(observed && { over: outage?.over ?? true }),
    losses: countsOf(lost.map(({ failure }) => lossOf(failure))),
    ...(degraded && { degraded }),
    ...(outage && { around: { before: outage.before, ...(outage.after && { after: outage.after }) } }),
  };
}

/** Who takes over from a holder among these entries, and when: the first other that says that it is the master. */
function takeOverOf(
  entries: readonly Observation[],
  { vip, master, backup }: PairFacts,
  holder: Participant,
): TakeOver {
  const detection = earliest(
    entries.filter(
      (entry) =>
        entry.kind === 'frame' &&
        entry.direction === 'in' &&
        entry.frame.type === 'vrrp' &&
        entry.frame.priority > 0 &&
        entry.port !== holder.node,
    ),
  );
  const added = earliest(
    entries.filter(
      (entry) =>
        entry.kind === 'address' &&
        entry.node !== holder.node &&
        entry.address === vip &&
        entry.change === 'added',
    ),
  );
  // Without VRRP, or where it was announced before, the address decides.
  const node =
    detection?.kind === 'frame' ? detection.port : added?.kind === 'address' ? added.node : undefined;
  const known = [master, backup].find((participant) => participant.node === node);
  const frame = detection?.kind === 'frame' ? detection : undefined;
  const ip = known?.vrrpIp ?? (frame?.frame.type === 'vrrp' ? frame.frame.sourceIp : undefined);
  const mac = known?.mac ?? frame?.sourceMac;
  // One that keeps the VIP is back when it answers again.
  const servedBy = ip ?? holder.vrrpIp;
  return {
    detection,
    vipAdded: added,
    firstGarp:
      node === undefined ? undefined : earliest(entries.filter((entry) => announces(entry, node, vip))),
    neighbourUpdate: earliest(
      entries.filter(
        (entry) =>
          entry.kind === 'neighbour' && entry.node === 'router' && entry.address === vip && entry.mac === mac,
      ),
    ),
    firstSuccess: earliest(
      entries.filter((entry) => entry.kind === 'request' && entry.servedBy === servedBy),
    ),
  };
}

/** Who held the VIP at an instant: of several, the one that took it last. */
function holderAt(
  history: readonly Observation[],
  { vip, master, backup }: PairFacts,
  clock: Clock,
  atMs: number,
): Participant {
  const moves = history
    .filter((entry) => entry.kind === 'address')
    .filter((entry) => entry.address === vip && clock(entry.atNs) <= atMs)
    .sort((one, other) => clock(one.atNs) - clock(other.atNs));
  const last = [...holdersAfter(moves, vip, master.node)].at(-1) ?? moves.at(-1)?.node ?? master.node;
  return [master, backup].find(({ node }) => node === last) ?? { node: last, vrrpIp: '', mac: '' };
}

/** Fewer failed requests are accidents. */
const DEGRADED_MIN = 5;
/** From this share of failed requests on, service is degraded; above the other one, it is an outage of its own. */
const DEGRADED_SHARE = { min: 0.05, max: 0.95 } as const;

function degradedOf(
  { atMs, untilMs, requests: outage, lost }: Followed,
  history: readonly Observation[],
  clock: Clock,
): Degraded | undefined {
  const inOutage = (sentMs: number) =>
    outage !== undefined && sentMs >= outage.fromMs - 1 && sentMs <= outage.toMs;
  const failed = lost.map(({ atNs }) => clock(atNs)).filter((sentMs) => !inOutage(sentMs));
  const [firstMs, lastMs] = [failed[0], failed.at(-1)];
  if (failed.length < DEGRADED_MIN || firstMs === undefined || lastMs === undefined) return undefined;
  const sent = history
    .filter((entry) => entry.kind === 'request')
    .map((entry) => clock(entry.atNs))
    .filter((sentMs) => sentMs < untilMs && sentMs >= firstMs && !inOutage(sentMs));
  const meanwhile = sent.filter((sentMs) => sentMs <= lastMs).length;
  const failedShare = failed.length / meanwhile;
  if (failedShare < DEGRADED_SHARE.min || failedShare > DEGRADED_SHARE.max) return undefined;
  const goesOn = sent.length - meanwhile < 1 / failedShare;
  return { sinceMs: firstMs - atMs, ...(!goesOn && { untilMs: lastMs - atMs }), failedShare };
}

const LOSSES: Readonly<Record<string, string>> = {
  timeout: 'time-out',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
};

/** The cause of a lost request in a word: a status is HAProxy's own answer. */
function lossOf(failure = 'unknown'): string {
  return LOSSES[failure] ?? failure.replace(/^status /, '');
}

function countsOf(words: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(Object.groupBy(words, (word) => word)).map(([word, all]) => [word, all?.length ?? 0]),
  );
}

/**
 * Cuts an outage at the instants in between. An instant that came before its predecessor, or after service
 * was back, gives its phase no length: so the phases add up to the outage whatever was seen.
 */
function phasesOf(fromMs: number, toMs: number, instants: readonly (number | undefined)[]): Phases {
  const lengths: number[] = [];
  let reached = fromMs;
  for (const instant of instants) {
    const next = Math.min(toMs, Math.max(reached, instant ?? reached));
    lengths.push(next - reached);
    reached = next;
  }
  lengths.push(toMs - reached);
  return Object.fromEntries(PHASES.map((name, n) => [name, lengths[n] ?? 0])) as Phases;
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

function earliest(entries: readonly Observation[]): Observation | undefined {
  return entries.reduce<Observation | undefined>(
    (best, entry) => (best && BigInt(best.atNs) <= BigInt(entry.atNs) ? best : entry),
    undefined,
  );
}

function latest(entries: readonly Observation[]): Observation | undefined {
  return entries.reduce<Observation | undefined>(
    (best, entry) => (best && BigInt(best.atNs) >= BigInt(entry.atNs) ? best : entry),
    undefined,
  );
}

function present(values: Readonly<Record<string, number | undefined>>): Metrics {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
