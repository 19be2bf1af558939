import { announces } from '../observe/announcement.ts';
import type { LabObservation, Observation, RequestObservation } from '../observe/observation.ts';

/** An amphora as the analysis tells it from the other. */
export interface Participant {
  /** Name of the node and of its port in the switch. */
  readonly node: string;
  readonly vrrpIp: string;
  readonly mac: string;
}

/** What a failover is judged by. All instants below are ms relative to the fault. */
export interface FailoverFacts {
  readonly vip: string;
  readonly fault: LabObservation;
  /** Held the VIP before the fault. */
  readonly master: Participant;
  readonly backup: Participant;
  /** Spacing of the HTTP prober. */
  readonly probeIntervalMs: number;
}

/** Instants and durations of a failover; one that was not seen is absent. */
export interface Metrics {
  readonly advertPhase?: number;
  readonly detection?: number;
  readonly vipAdded?: number;
  readonly firstGarp?: number;
  readonly neighbourUpdate?: number;
  readonly firstSuccess?: number;
  readonly outage?: number;
  readonly lost?: number;
  /** Requests over long-lived connections that were answered when they were sent again. */
  readonly retried?: number;
  readonly cutConnections?: number;
  /** The longest silence of the packet prober: the network's view, where `outage` is the service's. */
  readonly packetOutage?: number;
  readonly packetUncertainty?: number;
  readonly uncertainty: number;
}

export const PHASES = ['detection', 'promotion', 'announcement', 'learning', 'recovery'] as const;
export type PhaseName = (typeof PHASES)[number];
/** Parts of the outage, ms; they add up to it. */
export type Phases = Readonly<Record<PhaseName, number>>;

export interface TimelineEvent {
  readonly atMs: number;
  readonly source: string;
  readonly kind: string;
  readonly detail: string;
}

export interface Timeline {
  /** The fault's instant, ns since the epoch: what all others are relative to. */
  readonly faultNs: bigint;
  readonly metrics: Metrics;
  readonly phases: Phases | undefined;
  /** Of the packets' outage. */
  readonly packetPhases: Phases | undefined;
  readonly events: readonly TimelineEvent[];
  /** How late the prober sent its latest request, ms: above its tolerance the run measured the machine. */
  readonly proberLatenessMs: number;
}

/** Requests before this count for the steady state only. */
const BEFORE_FAULT_MS = 1000;

/** Reads a failover from the history of a run. Pure: a stored history can be read again. */
export function readTimeline(history: readonly Observation[], facts: FailoverFacts): Timeline {
  const { vip, fault, master, backup } = facts;
  const { faultNs, widthMs: faultWidthMs } = strikeOf(history, fault);
  const at = (entry: { atNs: string }) => Number(BigInt(entry.atNs) - faultNs) / 1e6;
  const firstAfter = (match: (entry: Observation) => boolean): Observation | undefined =>
    earliest(history.filter((entry) => at(entry) > 0 && match(entry)));

  // While the fault was being made, the master may still have been heard: the fault struck after that. A farewell is
  // of the fault itself.
  const lastAdvertisement = latest(
    history.filter(
      (entry) => at(entry) <= faultWidthMs && isAdvertisement(entry, master) && !isFarewell(entry),
    ),
  );
  const advertisement = firstAfter((entry) => isAdvertisement(entry, backup));
  const vipAdded = firstAfter(
    (entry) =>
      entry.kind === 'address' &&
      entry.node === backup.node &&
      entry.address === vip &&
      entry.change === 'added',
  );
  const garp = firstAfter((entry) => announces(entry, backup.node, vip));
  const neighbour = firstAfter(
    (entry) =>
      entry.kind === 'neighbour' &&
      entry.node === 'router' &&
      entry.address === vip &&
      entry.mac === backup.mac,
  );
  const all = history.filter((entry) => entry.kind === 'request').sort((a, b) => a.sequence - b.sequence);
  // Service may have been lost already: then the outage began with the last one that was answered.
  const answeredBefore = all.findLastIndex(
    (request) => request.outcome === 'answered' && at(request) < -BEFORE_FAULT_MS,
  );
  const requests = all.slice(Math.max(0, answeredBefore));
  const success = requests.find((request) => at(request) > 0 && request.servedBy === backup.vrrpIp);
  const gap = longestGap(requests);
  const instant = (entry: { atNs: string } | undefined) => (entry ? at(entry) : undefined);
  const lost =
    gap && requests.filter((request) => request.outcome === 'failed' && at(request) >= at(gap.from)).length;
  const silence = longestSilence(history, -BEFORE_FAULT_MS, Number.POSITIVE_INFINITY, at);
  const connections = history
    .filter((entry) => entry.kind === 'connection')
    .filter((entry) => at(entry) >= 0);
  const instants = (): readonly (number | undefined)[] => [
    metrics.detection,
    metrics.vipAdded,
    metrics.firstGarp,
    metrics.neighbourUpdate,
  ];
  const metrics = present({
    advertPhase: lastAdvertisement && Math.max(0, -at(lastAdvertisement)),
    detection: instant(advertisement),
    vipAdded: instant(vipAdded),
    firstGarp: instant(garp),
    neighbourUpdate: instant(neighbour),
    firstSuccess: instant(success),
    outage: gap && at(gap.to) - at(gap.from),
    lost,
    retried: connections.filter(({ change }) => change === 'retried').length,
    cutConnections: connections.filter(({ change }) => change === 'cut').length,
    packetOutage: silence && silence.toMs - silence.fromMs,
    packetUncertainty: silence?.spacingMs,
    // An agent takes its time to do what it is asked; only the instant of a fault is uncertain by its width.
    uncertainty: facts.probeIntervalMs + Math.min(faultWidthMs, facts.probeIntervalMs) / 2,
  }) as unknown as Metrics;
  return {
    faultNs,
    metrics,
    phases: gap && phasesOf(at(gap.from), at(gap.to), instants()),
    packetPhases: silence && phasesOf(silence.fromMs, silence.toMs, instants()),
    events: eventsOf(history, facts, at, gap),
    proberLatenessMs: Math.max(
      0,
      ...requests.map((request) => Number(BigInt(request.atNs) - BigInt(request.dueNs)) / 1e6),
    ),
  };
}

/**
 * When a fault struck, and how uncertain that is: between the instants before and after its steps. Where it was made
 * at once and cuts the wire, it struck in that time when the packet prober was first not answered.
 */
function strikeOf(
  history: readonly Observation[],
  { atNs, doneNs = atNs, atOnce }: LabObservation,
): { readonly faultNs: bigint; readonly widthMs: number } {
  const faultNs = BigInt(atNs);
  const widthMs = Number(BigInt(doneNs) - faultNs) / 1e6;
  const sinceMs = (entry: { atNs: string }) => Number(BigInt(entry.atNs) - faultNs) / 1e6;
  const silence = atOnce ? longestSilence(history, 0, widthMs, sinceMs) : undefined;
  return silence
    ? { faultNs: faultNs + BigInt(Math.round(silence.fromMs * 1e6)), widthMs: silence.spacingMs }
    : { faultNs, widthMs };
}

/** A time without an answer to the packet prober, ms. */
export interface Silence {
  readonly fromMs: number;
  readonly toMs: number;
  /** The longest time between two packets sent meanwhile. */
  readonly spacingMs: number;
}

/** The packet prober's longest silence that begins between two instants, ms on the clock of `at`. */
export function longestSilence(
  history: readonly Observation[],
  fromMs: number,
  toMs: number,
  at: (entry: { atNs: string }) => number,
): Silence | undefined {
  return history
    .filter((entry) => entry.kind === 'silence')
    .map((entry) => {
      // The path broke and healed somewhere between two packets: half a spacing is taken off at both ends.
      const halfMs = (at({ atNs: entry.untilNs }) - at(entry)) / Math.max(1, entry.sent) / 2;
      return {
        fromMs: at(entry) + halfMs,
        toMs: at({ atNs: entry.untilNs }) - halfMs,
        spacingMs: entry.spacingMs,
      };
    })
    .filter((silence) => silence.fromMs >= fromMs && silence.fromMs <= toMs)
    .reduce<Silence | undefined>(
      (longest, silence) =>
        longest && longest.toMs - longest.fromMs >= silence.toMs - silence.fromMs ? longest : silence,
      undefined,
    );
}

/** The longest time between the sending of two answered requests with none answered between them. */
export function longestGap(
  requests: readonly RequestObservation[],
): { from: RequestObservation; to: RequestObservation } | undefined {
  const answered = requests.filter((request) => request.outcome === 'answered');
  let longest: { from: RequestObservation; to: RequestObservation } | undefined;
  let longestNs = 0n;
  for (const [n, to] of answered.entries()) {
    const from = answered[n - 1];
    if (!from) continue;
    const ns = BigInt(to.atNs) - BigInt(from.atNs);
    if (ns > longestNs) {
      longest = { from, to };
      longestNs = ns;
    }
  }
  return longest;
}

/**
 * Cuts the outage at the instants in between. An instant that came before its predecessor, or after service
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

function eventsOf(
  history: readonly Observation[],
  { vip, master, backup }: FailoverFacts,
  at: (entry: { atNs: string }) => number,
  gap: { from: RequestObservation; to: RequestObservation } | undefined,
): TimelineEvent[] {
  const events = history.flatMap((entry): TimelineEvent[] => {
    const event = (source: string, kind: string, detail: string) => [
      { atMs: at(entry), source, kind, detail },
    ];
    if (entry.kind === 'lab')
      return event(
        entry.node ?? 'lab',
        entry.what,
        entry.detail ? `${entry.name}: ${entry.detail}` : entry.name,
      );
    if (at(entry) < -BEFORE_FAULT_MS) return [];
    if (entry.kind === 'address' && entry.address === vip)
      return event(entry.node, 'address', `VIP ${entry.change}`);
    if (entry.kind === 'neighbour' && entry.address === vip) {
      return event(entry.node, 'neighbour', `VIP ${entry.state}${entry.mac ? ` at ${entry.mac}` : ''}`);
    }
    for (const participant of [master, backup]) {
      if (isAdvertisement(entry, participant) && entry.kind === 'frame' && entry.frame.type === 'vrrp') {
        return event(participant.node, 'advertisement', `priority ${entry.frame.priority}`);
      }
      if (announces(entry, participant.node, vip)) return event(participant.node, 'gratuitous ARP', vip);
    }
    return [];
  });
  if (gap) {
    events.push(
      {
        atMs: at(gap.from),
        source: 'client',
        kind: 'request',
        detail: `last answered before the outage (${gap.from.servedBy})`,
      },
      {
        atMs: at(gap.to),
        source: 'client',
        kind: 'request',
        detail: `first answered after the outage (${gap.to.servedBy})`,
      },
    );
  }
  return events.sort((a, b) => a.atMs - b.atMs);
}

function isAdvertisement(entry: Observation, { node, vrrpIp }: Participant): boolean {
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

function present(values: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
