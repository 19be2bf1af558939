import type { RunResult } from '../../result/result.ts';
import { asBounds, type Bounds, excessOver } from '../model/bounds.ts';
import {
  KEEPALIVED_DEFAULTS,
  readVrrpConfiguration,
  type VrrpConfiguration,
} from '../model/keepalived-configuration.ts';
import type { Prediction } from '../model/prediction.ts';
import { inMs } from '../statistics/milliseconds.ts';
import { eventsAround } from '../timeline/events.ts';
import { peerSyncMetrics } from '../timeline/peer-sync.ts';
import { PHASES } from '../timeline/phases.ts';
import { type Reading, readTimeline } from '../timeline/timeline.ts';
import { disturbanceOf, instrumentBroken } from './disturbance.ts';
import type { Pair, RunFacts, StoredRun } from './facts.ts';
import { longestWait, type Starved, spansOf, starvedBy, totalMs, waitText } from './starvation.ts';

/** How much software and the machine may add to the protocol's time. */
const TOLERANCE_MS = 25;

/** The faults and changes that a run is judged by. */
export type JudgedBy = 'first' | 'last' | 'all';

/** What a scenario says of its outage. */
export interface Judging {
  /** What the protocol demands. */
  readonly model: (known: Prediction) => number | Bounds;
  readonly judgedBy?: JudgedBy;
  /** What the protocol demands of everything else that is done; by default that it costs nothing. */
  readonly aftermath?: Judging['model'];
  /** The service must not return. */
  readonly ends?: 'unserved';
}

type Check = RunResult['checks'][number];
type Episode = RunResult['episodes'][number];

/**
 * The verdict on a stored run: passed, failed, or invalid when the machine disturbed it. Pure: the same
 * run always gets the same verdict.
 */
export function judge(stored: StoredRun, judging: Judging): RunResult {
  const { facts, history } = stored;
  const base = {
    index: facts.index,
    labUpMs: facts.labUpMs,
    wallMs: facts.wallMs,
    versions: facts.versions,
    artifacts: artifactsOf(facts),
  };
  const broken = instrumentBroken(stored);
  const nothingMeasured = (reason: string, invalid = broken): RunResult => ({
    ...base,
    status: invalid === undefined ? 'failed' : 'invalid',
    reason: invalid ?? reason,
    metrics: {},
    episodes: [],
    events: [],
    checks: [...facts.checks],
  });
  const { failure, pair, skipped } = facts;
  if (skipped !== undefined) return { ...nothingMeasured(skipped), status: 'skipped', reason: skipped };
  const cutShort = failure && sentenceOf(failure);
  const unmet = facts.checks.find(({ status }) => status === 'failed');
  if (!pair)
    return nothingMeasured(unmet ? `${unmet.name}: ${unmet.detail}` : (cutShort ?? 'The run was cut short.'));
  const readings = readTimeline(history, { ...pair, probeIntervalMs: facts.probe.intervalMs });
  const judged = judgedOf(readings, judging.judgedBy);
  const [first] = judged;
  if (!first) return nothingMeasured(cutShort ?? 'The scenario did nothing that it could be judged by.');
  const disturbed = broken ?? disturbanceOf(stored, readings);
  // The story did not end by a failed expectation: how long it would have taken is not known.
  if (failure && !unmet) return nothingMeasured(cutShort ?? '', disturbed);

  const outcomes = readings.map((reading, n) => {
    const isJudged = judged.includes(reading);
    const around = { earlier: readings.slice(0, n), next: readings[n + 1] };
    const predicted = demandedBy(stored, pair, reading, judging, isJudged, around);
    const demanded = predicted?.outage;
    const starved = starvedIn(stored, pair, reading, demanded);
    return { reading, demanded, starved, episode: episodeOf(reading, isJudged, predicted, starved) };
  });
  const main = worst(outcomes.filter(({ episode }) => episode.judged));
  if (!main) throw new Error('None of the episodes is one that the run is judged by.');
  const outageChecks = outcomes.map(({ reading, demanded }) =>
    outageCheck(reading, demanded, judged, judging.ends),
  );
  const otherChecks = [...facts.checks, ...degradedChecks(main.reading)];
  const checks = [...facts.checks, ...outageChecks, ...degradedChecks(main.reading)];
  const failed = checks.find((check) => check.status === 'failed');
  const disturbance =
    disturbed ??
    (otherChecks.some((check) => check.status === 'failed')
      ? parted(history, first)
      : starvedVerdict(outcomes.filter((_, n) => outageChecks[n]?.status === 'failed')));
  const reason = disturbance ?? (failed ? `${failed.name}: ${failed.detail}` : failure?.message);
  const { kind: _, name: __, target: ___, judged: ____, at, ...outcome } = main.episode;
  return {
    ...base,
    status: disturbance ? 'invalid' : reason ? 'failed' : 'passed',
    ...(reason !== undefined && { reason }),
    faultAt: at,
    ...outcome,
    metrics: { ...outcome.metrics, ...peerSyncMetrics(history), ...pressureIn(history), ...facts.measures },
    episodes: outcomes.map(({ episode }) => episode),
    checks,
    events: [...eventsAround(history, { ...pair, probeIntervalMs: facts.probe.intervalMs }, main.reading)],
  };
}

/** How busy the machine was: the share of time in which some process waited for a processor. */
function pressureIn(history: StoredRun['history']): Readonly<Record<string, number>> {
  const told = history.flatMap((entry) =>
    entry.kind === 'processor watch' && entry.pressure !== undefined ? [entry.pressure] : [],
  );
  return told.length > 0 ? { pressure: told.reduce((sum, share) => sum + share, 0) / told.length } : {};
}

/** The faults and changes that a run is judged by; where there was none, its marks. */
function judgedOf(readings: readonly Reading[], judgedBy: JudgedBy = 'first'): readonly Reading[] {
  const acts = readings.filter(({ deed }) => deed.what === 'fault' || deed.what === 'change');
  const candidates = acts.length > 0 ? acts : readings.filter(({ deed }) => deed.what === 'mark');
  if (judgedBy === 'all') return candidates;
  return (judgedBy === 'first' ? candidates.slice(0, 1) : candidates.slice(-1)) as readonly Reading[];
}

/** The worst one: first an outage that is not over, then the largest excess. */
function worst<T extends { readonly episode: Episode }>(outcomes: readonly T[]): T | undefined {
  const weight = ({ episode }: T) =>
    episode.over === false ? Number.POSITIVE_INFINITY : Math.abs(episode.metrics.excess ?? 0);
  return outcomes.reduce<T | undefined>(
    (most, outcome) => (most && weight(most) >= weight(outcome) ? most : outcome),
    undefined,
  );
}

/** What the protocol demands of an episode, and of which amphora; undefined where the service must not return. */
function demandedBy(
  stored: StoredRun,
  pair: Pair,
  reading: Reading,
  { model, aftermath = () => 0, ends }: Judging,
  judged: boolean,
  { earlier, next }: { readonly earlier: readonly Reading[]; readonly next: Reading | undefined },
): Episode['predicted'] {
  if (judged && ends === 'unserved') return undefined;
  const [holder, other] = rolesIn(pair, reading, earlier);
  const told = {
    ...{ holder: toldTo(stored, holder), other: toldTo(stored, other) },
    holderForwards: holder.forwards,
    checkWaitsMs: holder.checkWaitsMs,
    keepalived: stored.facts.versions.keepalived,
    agent: stored.facts.agent,
  };
  const lastsMs = next && Number(next.atNs - reading.atNs) / 1e6;
  const demandedAt = (phaseMs: number, servedMs: number, known: Pick<Prediction, 'lastsMs'> = {}) =>
    asBounds((judged ? model : aftermath)({ ...told, ...known, phaseMs, servedMs }));
  const { advertPhase = 0, outageFrom = 0, uncertainty = 0 } = reading.metrics;
  return {
    // A killed amphora may still answer for a moment; less than the spacing of the requests does not count.
    outage: demandedAt(advertPhase, outageFrom > uncertainty ? outageFrom : 0, { lastsMs }),
    atPhaseZero: demandedAt(0, 0),
    backup: other.node,
  };
}

/**
 * Who holds the VIP when the fault strikes, and who takes over: of two the other one, of more the one with the highest
 * priority that nothing was done to before.
 */
function rolesIn(
  { master, backup, others = [] }: Pair,
  { holder: held }: Reading,
  earlier: readonly Reading[],
): readonly [Pair['master'], Pair['master']] {
  const all = [master, backup, ...others];
  const holder = all.find(({ node }) => node === held) ?? master;
  const struck = new Set<string | undefined>();
  for (const { deed } of others.length > 0 ? earlier : []) {
    if (deed.what === 'heal') struck.delete(deed.node);
    else struck.add(deed.node);
  }
  const [other = backup] = all
    .filter(({ node }) => node !== holder.node && !struck.has(node))
    .toSorted((one, next) => next.priority - one.priority);
  return [holder, other];
}

interface Outcome {
  readonly reading: Reading;
  readonly demanded: Bounds | undefined;
  readonly starved: readonly Starved[] | undefined;
}

/** The processes responsible for the outage's phases that waited for a processor beyond the demand. */
function starvedIn(
  { history }: StoredRun,
  pair: Pair,
  reading: Reading,
  demanded: Bounds | undefined,
): Outcome['starved'] {
  const dueMs = (reading.metrics.outageFrom ?? 0) + (demanded?.min ?? 0);
  return starvedBy(history, spansOf(reading, pair), reading.atNs + BigInt(Math.round(dueMs * 1e6)));
}

/**
 * Why failed outages say nothing about the system: each would be as demanded without the waits for a processor.
 * Undefined where one of them would not.
 */
function starvedVerdict(failed: readonly Outcome[]): string | undefined {
  const explained = failed.flatMap(({ reading, demanded, starved = [] }) => {
    const { outage = 0, uncertainty = 0 } = reading.metrics;
    const ownMs = outage - totalMs(starved);
    const late = reading.over !== false && demanded !== undefined && outage > demanded.max;
    return late && ownMs <= demanded.max + uncertainty + TOLERANCE_MS ? [starved] : [];
  });
  const [worst] = explained.flat().toSorted((one, other) => other.waitedMs - one.waitedMs);
  if (!worst || explained.length < failed.length) return undefined;
  return `The machine was too busy: ${waitText(worst)}, without which the outage would be as the protocol demands.`;
}

/** Why unexpected behaviour of a pair says nothing about the system: one of its processes had no processor. */
function parted(history: StoredRun['history'], { atNs }: Reading): string | undefined {
  const wait = longestWait(history, atNs);
  return (
    wait &&
    `The machine was too busy: ${wait.process} of ${wait.node} waited ${inMs(wait.waitedMs)} for a processor.`
  );
}

const OF_SERVICE = new Set<string>(
  PHASES.filter(({ inHand }) => inHand === 'service').map(({ name }) => name),
);

function episodeOf(
  reading: Reading,
  judged: boolean,
  predicted: Episode['predicted'],
  starved: Outcome['starved'],
): Episode {
  const { deed, atNs, metrics, phases, packetPhases, over, losses, degraded } = reading;
  const { outage, packetOutage } = metrics;
  const demanded = predicted?.outage;
  return {
    kind: deed.what,
    name: deed.name,
    target: deed.node ?? 'lab',
    at: { iso: new Date(Number(atNs / 1_000_000n)).toISOString(), ns: String(atNs) },
    judged,
    metrics: {
      ...metrics,
      ...(demanded && outage !== undefined && { excess: excessOver(demanded, outage) }),
      ...(starved && outage !== undefined && { starved: totalMs(starved) }),
      // What serves answers no packet.
      ...(starved &&
        packetOutage !== undefined && {
          packetStarved: totalMs(starved.filter(({ phase }) => !OF_SERVICE.has(phase))),
        }),
      ...(demanded && packetOutage !== undefined && { packetExcess: excessOver(demanded, packetOutage) }),
    },
    ...(phases && { phases: { ...phases } }),
    ...(packetPhases && { packetPhases: { ...packetPhases } }),
    ...(predicted && { predicted }),
    ...(over !== undefined && { over }),
    ...(starved && starved.length > 0 && { starved: [...starved] }),
    losses: { ...losses },
    ...(degraded && { degraded: { ...degraded } }),
  };
}

/**
 * The pair's real configuration where it is kept: the model reads the rendered files, not the
 * parameters.
 */
function toldTo({ facts, configurations }: StoredRun, { node, priority }: Pair['master']): VrrpConfiguration {
  const { advert_int = 1, vrrp_version = 2 } = facts.parameters;
  return (
    readVrrpConfiguration(configurations[node]?.keepalived ?? '') ?? {
      ...KEEPALIVED_DEFAULTS,
      version: Number(vrrp_version) === 3 ? 3 : 2,
      advertIntMs: Number(advert_int) * 1000,
      priority,
    }
  );
}

function outageCheck(
  reading: Reading,
  demanded: Bounds | undefined,
  judged: readonly Reading[],
  ends: Judging['ends'],
): Check {
  const { deed, metrics, over, widthMs } = reading;
  const { outage = Number.NaN, uncertainty = 0 } = metrics;
  const isJudged = judged.includes(reading);
  const deedName = `${deed.name}${deed.node && deed.node !== 'lab' ? ` at ${deed.node}` : ''}`;
  const name = isJudged
    ? `outage as the protocol demands${judged.length > 1 ? `: ${deedName}` : ''}`
    : `no outage by ${deedName}`;
  if (isJudged && ends === 'unserved') {
    const holds = over === false;
    const detail = holds
      ? `no service for at least ${inMs(outage)}, to the end`
      : `the service returned after ${inMs(outage)}`;
    return { name: 'the service does not return', status: holds ? 'passed' : 'failed', detail };
  }
  if (over === false) {
    const detail = `the service did not return: at least ${inMs(outage)} without it, not over when observation ended`;
    return { name, status: 'failed', detail };
  }
  const { min, max, unsure }: Bounds = demanded ?? { min: 0, max: 0 };
  const slack = uncertainty + TOLERANCE_MS;
  // It may have struck later by up to its width, which leaves that much less to wait.
  const within = outage >= min - slack - Math.min(widthMs, TOLERANCE_MS) && outage <= max + slack;
  return {
    name,
    status: within ? 'passed' : 'failed',
    detail: `measured ${inMs(outage, 1)}, demanded ${demandedText({ min, max })}, ± ${inMs(uncertainty, 1)} and ${TOLERANCE_MS} ms for software${unsure === undefined ? '' : `; ${unsure}`}`,
  };
}

function demandedText({ min, max }: Bounds): string {
  if (max === Number.POSITIVE_INFINITY) return `${inMs(min, 1)} or more`;
  return `${min.toFixed(1)} to ${inMs(max, 1)}`;
}

/** The errors of JavaScript say with their name what they are; those of the testbed are sentences. */
function sentenceOf({ name, message }: NonNullable<RunFacts['failure']>): string {
  return name.endsWith('Error') ? `${name}: ${message}` : message;
}

function degradedChecks({ deed, degraded }: Reading): readonly Check[] {
  if (!degraded || degraded.untilMs !== undefined) return [];
  const detail = `degraded since ${inMs(degraded.sinceMs)} after ${deed.name}: ${(degraded.failedShare * 100).toFixed(0)} % of the requests fail`;
  return [{ name: 'served in full at the end', status: 'failed', detail }];
}

function artifactsOf({ journals, pair }: RunFacts): RunResult['artifacts'] {
  return { ...(pair && { capture: 'capture.pcapng' }), logs: Object.values(journals) };
}
