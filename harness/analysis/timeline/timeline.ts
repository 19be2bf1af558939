import { holdersAfter } from '../../observations/holders.ts';
import type {
  Deed,
  LabObservation,
  Observation,
  RequestObservation,
} from '../../observations/observation.ts';
import { episodesOf, type Followed } from './episodes.ts';
import { type Metrics, measured } from './metrics.ts';
import type { Clock } from './outage.ts';
import { type PairFacts, type Participant, participantsOf } from './pair.ts';
import { PHASES, type Phases, sceneOf } from './phases.ts';

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
  const scene = sceneOf(history.filter(here), facts, holder);
  const observed = history.some((entry) => entry.kind === 'request');
  const instants = PHASES.map(({ ends }) => ends && since(ends(scene)));
  const relative = ({ fromMs, toMs }: { fromMs: number; toMs: number }) =>
    phasesOf(fromMs - atMs, toMs - atMs, instants);
  const degraded = degradedOf(episode, history, clock);
  return {
    deed,
    atNs: originNs + BigInt(Math.round(atMs * 1e6)),
    widthMs,
    holder: holder.node,
    metrics: measured({
      ...episode,
      ...scene,
      history,
      since,
      clock,
      observed,
      spacingMs: facts.probeIntervalMs,
    }),
    ...(outage && { phases: relative(outage) }),
    ...(silence && { packetPhases: relative(silence) }),
    ...(observed && { over: outage?.over ?? true }),
    losses: countsOf(lost.map(({ failure }) => lossOf(failure))),
    ...(degraded && { degraded }),
    ...(outage && { around: { before: outage.before, ...(outage.after && { after: outage.after }) } }),
  };
}

/** Who held the VIP at an instant: of several, the one that took it last. */
function holderAt(
  history: readonly Observation[],
  facts: PairFacts,
  clock: Clock,
  atMs: number,
): Participant {
  const { vip, master } = facts;
  const moves = history
    .filter((entry) => entry.kind === 'address')
    .filter((entry) => entry.address === vip && clock(entry.atNs) <= atMs)
    .sort((one, other) => clock(one.atNs) - clock(other.atNs));
  const last = [...holdersAfter(moves, vip, master.node)].at(-1) ?? moves.at(-1)?.node ?? master.node;
  return participantsOf(facts).find(({ node }) => node === last) ?? { node: last, vrrpIp: '', mac: '' };
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
 * Cuts an outage where its phases end. An instant that came before its predecessor, or after service was back, gives its
 * phase no length: so the phases add up to the outage whatever was seen. The last one ends with the outage.
 */
function phasesOf(fromMs: number, toMs: number, instants: readonly (number | undefined)[]): Phases {
  let reached = fromMs;
  const lengths = PHASES.map(({ name, ends }, n) => {
    const next = ends ? Math.min(toMs, Math.max(reached, instants[n] ?? reached)) : toMs;
    const length = next - reached;
    reached = next;
    return [name, length];
  });
  return Object.fromEntries(lengths) as Phases;
}
