import { asBounds, type Bounds } from '../analysis/model/bounds.ts';
import type { Prediction } from '../analysis/model/prediction.ts';
import { eventsAround } from '../analysis/timeline/events.ts';
import { readTimeline } from '../analysis/timeline/timeline.ts';
import type { StoredRun } from '../analysis/verdict/facts.ts';
import { judge } from '../analysis/verdict/judge.ts';
import { holdersAfter } from '../observations/holders.ts';
import type { LabObservation, Observation } from '../observations/observation.ts';
import { pictureOf, type RunPicture } from '../report/page/run-picture.ts';
import type { RunResult } from '../result/result.ts';

/** What the protocol demands of one thing that was done. */
export type Demand = (known: Prediction) => number | Bounds;

/** Something that was done, measured as a run measures it. */
export interface MeasuredEpisode {
  readonly deed: LabObservation;
  /** When it was known, ns since the epoch. */
  readonly knownNs: bigint;
  /** A run that consists of it. */
  readonly run: RunResult;
  readonly picture?: RunPicture;
  /** Absent where nobody predicted anything. */
  readonly demanded: boolean;
  /** Measured against demanded, in a sentence. */
  readonly sentence: string;
}

import { journalSince } from './journals.ts';

type Episode = RunResult['episodes'][number];

/** Whatever it takes. */
const ANYTHING: Bounds = { min: 0, max: Number.POSITIVE_INFINITY };
/** What an episode begins with, so that its steady state is seen. */
const BEFORE_NS = 3_000_000_000n;

/**
 * Measures something that was done, and judges it.
 *
 * @param stored with the history as far as it is known; the episode ends with the next deed or with the history
 * @param demand absent where there is no prediction
 */
export function measured(
  stored: StoredRun,
  deed: LabObservation,
  demand: Demand | undefined,
): MeasuredEpisode {
  const { history: whole, facts } = stored;
  const pair = facts.pair;
  if (!pair) throw new Error('There is no pair that an episode could be measured of.');
  const fromNs = BigInt(deed.atNs) - BEFORE_NS;
  const before = whole.filter((entry) => BigInt(entry.atNs) < fromNs);
  const history = whole.filter((entry) => BigInt(entry.atNs) >= fromNs);
  const all = [pair.master, pair.backup, ...(pair.others ?? [])];
  const held = [...holdersAfter(before, pair.vip, pair.master.node)].at(-1);
  const master = all.find(({ node }) => node === held) ?? pair.master;
  const [backup = master, ...others] = all.filter((each) => each !== master);
  const here = { vip: pair.vip, master, backup, ...(others.length > 0 && { others }) };
  const model: Demand = (known) => asBounds(demand?.(known) ?? ANYTHING);
  // By a repair alone, no run could be judged.
  // What a journal said of an earlier disturbance says nothing about this.
  const journals = Object.fromEntries(
    Object.entries(stored.journals).map(([node, text]) => [node, journalSince(text, fromNs)]),
  );
  const stalls = isHeldUp(before, deed.node) || deed.stalls;
  const struck: Observation = { ...deed, what: 'fault', ...(stalls && { stalls }) };
  const asFault = history.map((entry) => (entry === deed ? struck : entry));
  const run = judge(
    {
      ...{ ...stored, journals },
      history: asFault,
      facts: { ...facts, checks: [], measures: {}, pair: here, failure: undefined } as never,
    },
    { model, aftermath: model, judgedBy: 'all' },
  );
  const seen = { ...here, probeIntervalMs: facts.probe.intervalMs };
  const readings = readTimeline(history, seen);
  const n = readings.findIndex((reading) => reading.deed === deed);
  const [reading, episode, check] = [readings[n], run.episodes[n], run.checks[n]];
  const knownNs = latest(history);
  if (!reading || !episode || run.status === 'invalid') {
    const sentence = run.reason ?? 'Nothing was measured.';
    return { deed, knownNs, run: { ...run, status: 'invalid' }, demanded: false, sentence };
  }
  const { outage } = episode.metrics;
  const card: RunResult = {
    ...runOf(run, demand ? episode : unpredicted(episode)),
    episodes: [{ ...episode, kind: reading.deed.what }],
    status: check?.status === 'failed' ? 'failed' : 'passed',
    events: [...eventsAround(history, seen, reading)],
  };
  const texts = Object.entries(journals).map(([source, text]) => ({ source, text }));
  return {
    ...{ deed, knownNs, run: card, demanded: demand !== undefined },
    picture: pictureOf(card, episode.at, history, texts, 0),
    sentence: demand || outage === undefined ? (check?.detail ?? '') : 'there is no prediction for this',
  };
}

/** Whether a node was stopped on purpose before, and still is: what it says when it goes on is no sign of a busy machine. */
function isHeldUp(before: readonly Observation[], node: string | undefined): true | undefined {
  const last = before.findLast((entry) => entry.kind === 'lab' && entry.node === node);
  return last?.kind === 'lab' ? last.stalls : undefined;
}

/** A run with the figures of one of its episodes: what it has of another one is left out. */
export function runOf(run: RunResult, episode: Episode): RunResult {
  const { index, status, labUpMs, wallMs, episodes, checks, events, artifacts, versions } = run;
  const { kind: _, name: __, target: ___, judged: ____, at, ...outcome } = episode;
  return {
    ...{ index, status, labUpMs, wallMs, episodes, checks, events, artifacts, versions },
    ...{ faultAt: at, ...outcome },
  };
}

function unpredicted({ predicted: _, ...episode }: Episode): Episode {
  const { excess: __, packetExcess: ___, ...metrics } = episode.metrics;
  return { ...episode, metrics };
}

function latest(history: readonly Observation[]): bigint {
  return history.reduce((ns, entry) => {
    const own = BigInt(entry.kind === 'request' ? entry.endNs : entry.atNs);
    return own > ns ? own : ns;
  }, 0n);
}
