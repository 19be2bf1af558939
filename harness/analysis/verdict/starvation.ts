import type { Observation, ProcessorObservation } from '../../observations/observation.ts';
import { inMs } from '../statistics/milliseconds.ts';
import { PHASES, type PhaseName } from '../timeline/phases.ts';
import type { Reading } from '../timeline/timeline.ts';
import { heldUpOnPurpose } from './disturbance.ts';
import type { Pair } from './facts.ts';

/** Half of the shortest interval that advertisements have by default. */
const PARTING_MS = 500;

/** A process of a node, by its name in a history. */
export interface Responsible {
  readonly node: string;
  readonly process: string;
  /** Starts its work anew each time: only a wait at the phase's end can have delayed that. */
  readonly anew?: true;
}

/** This shortly before a phase's end. */
const END_NS = 50_000_000n;

/** A phase of an outage with its instants, ns since the epoch, and the processes responsible for it. */
export interface PhaseSpan {
  readonly phase: PhaseName;
  readonly fromNs: bigint;
  readonly toNs: bigint;
  /** None where only a kernel is responsible. */
  readonly responsible: readonly Responsible[];
}

/** How long a process responsible for a phase waited in it: for a processor, the kernel's network lock, or the disk. */
export interface Starved extends Responsible {
  readonly phase: PhaseName;
  readonly waitedMs: number;
  /** So long one or another of all that are responsible for the phase waited: a request is in one hand after the other. */
  readonly anyMs: number;
  /** The request that waited for that lock, where most of it was that. */
  readonly lock?: string;
  /** Where it waited for the disk, where most of it was that. */
  readonly disk?: string;
}

/** The phases of an episode with their instants, and who is responsible for each: the amphora that takes over. */
export function spansOf(
  { atNs, holder, metrics, phases, around }: Reading,
  { master, backup }: Pair,
): readonly PhaseSpan[] {
  if (!phases) return [];
  const taker = holder === backup.node ? master.node : backup.node;
  const served = [master, backup].find(({ vrrpIp }) => vrrpIp === around?.after?.servedBy)?.node ?? taker;
  const inHand = {
    keepalived: [{ node: taker, process: 'keepalived' }],
    kernel: [],
    service: [
      { node: served, process: 'HAProxy' },
      { node: served, process: "HAProxy's master" },
      { node: served, process: 'systemd' },
      { node: 'fabric', process: 'the back ends' },
      { node: 'fabric', process: 'the prober', anew: true },
    ],
  } as const;
  let fromNs = atNs + nsOf(metrics.outageFrom ?? 0);
  return PHASES.map(({ name, inHand: who }) => {
    const toNs = fromNs + nsOf(phases[name]);
    const span = { phase: name, fromNs, toNs, responsible: inHand[who] };
    fromNs = toNs;
    return span;
  });
}

/**
 * By phase, the responsible process that waited longest for a processor, and how long at most; phases without
 * notable waits are left out. Undefined where waits were not recorded.
 *
 * @param dueNs what comes before it is demanded anyway: a process that waited then, and was ready in time, delayed nothing
 */
export function starvedBy(
  history: readonly Observation[],
  spans: readonly PhaseSpan[],
  dueNs: bigint,
): readonly Starved[] | undefined {
  if (!history.some((entry) => entry.kind === 'processor watch')) return undefined;
  const waits = waitsIn(history);
  return spans.flatMap(({ phase, fromNs, toNs, responsible }) => {
    const span = { fromNs: fromNs > dueNs ? fromNs : dueNs, toNs };
    const hands = responsible.map(({ anew, ...who }) => {
      const own = waits.filter(isOf(who));
      return { who, late: anew ? own.filter(({ untilNs }) => BigInt(untilNs) >= toNs - END_NS) : own };
    });
    const anyMs = waitedIn(
      hands.flatMap(({ late }) => late),
      span,
    );
    const worst = hands
      .map(({ who, late }) => {
        const waitedMs = waitedIn(late, span);
        return { phase, ...who, waitedMs, anyMs, ...mostOf(late, span, waitedMs) };
      })
      .reduce<Starved | undefined>(
        (most, next) => (most && most.waitedMs >= next.waitedMs ? most : next),
        undefined,
      );
    return worst && worst.waitedMs > 0 ? [worst] : [];
  });
}

/** The lock or the disk, where that is most of what was waited for. */
function mostOf(
  waits: readonly ProcessorObservation[],
  span: Pick<PhaseSpan, 'fromNs' | 'toNs'>,
  waitedMs: number,
): Pick<Starved, 'lock' | 'disk'> {
  for (const cause of ['lock', 'disk'] as const) {
    const those = waits.filter((wait) => wait[cause] !== undefined);
    const where = those.at(-1)?.[cause];
    if (where !== undefined && waitedIn(those, span) > waitedMs / 2) return { [cause]: where };
  }
  return {};
}

/** Waits that the story did not cause. */
function waitsIn(history: readonly Observation[]): readonly ProcessorObservation[] {
  const meant = heldUpOnPurpose(history);
  return history.filter((entry) => entry.kind === 'processor').filter(({ node }) => !meant.has(node));
}

/**
 * The longest that a process of the lab was kept waiting in one go from an instant on, where that is so long that a
 * pair may part over it; undefined where none was.
 */
export function longestWait(
  history: readonly Observation[],
  sinceNs: bigint,
): ProcessorObservation | undefined {
  return waitsIn(history)
    .filter(({ untilNs, waitedMs }) => BigInt(untilNs) > sinceNs && waitedMs >= PARTING_MS)
    .reduce<ProcessorObservation | undefined>(
      (longest, wait) => (longest && longest.waitedMs >= wait.waitedMs ? longest : wait),
      undefined,
    );
}

const isOf = (who: Responsible) => (entry: ProcessorObservation) =>
  entry.node === who.node && entry.process === who.process;

/**
 * How long was waited between two instants, at most. Two that wait at the same time have waited no longer than that time
 * lasted.
 */
function waitedIn(
  waits: readonly ProcessorObservation[],
  { fromNs, toNs }: { readonly fromNs: bigint; readonly toNs: bigint },
): number {
  const inSpan = waits
    .map(({ atNs, untilNs, waitedMs }) => {
      // The kernel counts a wait when it ends: one that is longer than its window began before that.
      const endNs = BigInt(untilNs);
      const beganNs = endNs - nsOf(waitedMs);
      const windowNs = BigInt(atNs);
      const earliestNs = beganNs < windowNs ? beganNs : windowNs;
      const [first, last] = [earliestNs > fromNs ? earliestNs : fromNs, endNs < toNs ? endNs : toNs];
      return { first, last, ms: Math.min(waitedMs, Number(last - first) / 1e6) };
    })
    .filter(({ ms }) => ms > 0)
    .sort((one, other) => (one.first < other.first ? -1 : 1));
  const together: { first: bigint; last: bigint; ms: number }[] = [];
  for (const wait of inSpan) {
    const before = together.at(-1);
    if (!before || wait.first >= before.last) together.push(wait);
    else {
      if (wait.last > before.last) before.last = wait.last;
      before.ms = Math.min(before.ms + wait.ms, Number(before.last - before.first) / 1e6);
    }
  }
  return together.reduce((sum, { ms }) => sum + ms, 0);
}

/** In all phases. */
export function totalMs(starved: readonly Starved[]): number {
  return starved.reduce((sum, { anyMs }) => sum + anyMs, 0);
}

function nsOf(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

/** `keepalived of amphora-2 waited 560 ms for a processor in the promotion`. */
export function waitText({ node, process, phase, waitedMs, anyMs, ...cause }: Starved): string {
  const who = `${process} of ${node}${anyMs - waitedMs < 1 ? '' : ', and others in turn,'}`;
  return `${who} waited ${inMs(anyMs)} for ${awaited(cause)} in the ${phase}`;
}

/** What a process waited for. */
export function awaited({
  lock,
  disk,
}: {
  readonly lock?: string | undefined;
  readonly disk?: string | undefined;
}): string {
  if (lock !== undefined) return "the kernel's network lock";
  return disk === undefined ? 'a processor' : 'the disk';
}
