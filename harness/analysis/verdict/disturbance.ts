import type { StallObservation } from '../../observations/observation.ts';
import { inMs } from '../statistics/milliseconds.ts';
import type { Reading } from '../timeline/timeline.ts';
import type { StoredRun } from './facts.ts';

/** Beyond this lateness, prober and fault measured the machine and not the service. */
const LATENESS_LIMIT_MS = 100;
/** Anything earlier than this before the fault is no part of the measurement. */
const MEASURED_BEFORE_NS = 1_000_000_000n;

/** An amphora that stood still for this long has missed advertisements. */
const LONG_STALL_MS = 150;
/** Nodes that are no amphorae. */
const OURS = new Set(['fabric', 'machine']);

/** Names of errors by which parts of the testbed report that they failed, and not the system. */
const INSTRUMENT_FAILURES = new Set(['InstrumentLate', 'LabGone', 'EngineFailed']);

/** Why no observation of a run can be trusted; undefined when all can. */
export function instrumentBroken({
  facts,
  history,
}: Pick<StoredRun, 'facts' | 'history'>): string | undefined {
  const lost = history.find((entry) => entry.kind === 'observer lost');
  if (lost)
    return `An observer was lost: ${lost.what} ended during the run (${lost.detail.trim() || 'it said nothing'}).`;
  const step = history.find((entry) => entry.kind === 'clock step');
  if (step) {
    return `The machine's wall clock was stepped by ${inMs(step.byMs)} during the run: instants before and after that cannot be compared.`;
  }
  const { name = '', message } = facts.failure ?? {};
  return INSTRUMENT_FAILURES.has(name) ? message : undefined;
}

/**
 * Why a run measured the machine rather than the failover; undefined when it did not. A fault that is meant
 * to stall its node is no disturbance.
 *
 * @param readings all that was done in the run, in its order
 */
export function disturbanceOf(
  { journals, history }: Pick<StoredRun, 'journals' | 'history'>,
  readings: readonly Pick<Reading, 'deed'>[],
): string | undefined {
  const meant = heldUpOnPurpose(history);
  const measuredFromNs = BigInt(readings[0]?.deed.atNs ?? 0) - MEASURED_BEFORE_NS;
  const stall = history.find(
    (entry): entry is StallObservation =>
      entry.kind === 'stall' &&
      !meant.has(entry.node) &&
      // Lateness outside the measurement is harmless, unless an amphora stood still for long.
      ((!OURS.has(entry.node) && msBetween(entry.atNs, entry.untilNs) >= LONG_STALL_MS) ||
        BigInt(entry.untilNs) > measuredFromNs),
  );
  if (stall) {
    const lengthMs = msBetween(stall.atNs, stall.untilNs);
    return stall.node === 'machine'
      ? `The whole machine stopped for ${inMs(lengthMs)}: ${stall.detail}.`
      : `The machine held ${stall.node} up for ${inMs(lengthMs)}: ${stall.detail}.`;
  }
  for (const { deed } of readings) {
    const widthMs = msBetween(deed.atNs, deed.doneNs ?? deed.atNs);
    if (deed.atOnce && widthMs > LATENESS_LIMIT_MS) {
      return `The machine was too busy: ${deed.name} took ${inMs(widthMs)} to make (at most ${LATENESS_LIMIT_MS} ms are tolerated).`;
    }
  }
  const latenessMs = history
    .filter((entry) => entry.kind === 'request')
    .filter(({ atNs }) => BigInt(atNs) > measuredFromNs)
    .reduce((most, { dueNs, atNs }) => Math.max(most, msBetween(dueNs, atNs)), 0);
  if (latenessMs > LATENESS_LIMIT_MS) {
    return `The machine was too busy: a request was sent ${inMs(latenessMs)} late (at most ${LATENESS_LIMIT_MS} ms are tolerated).`;
  }
  for (const [node, journal] of Object.entries(journals)) {
    if (meant.has(node)) continue;
    const line = lineWith('A thread timer expired', journal);
    if (line !== undefined) return `The machine was too busy: keepalived says "${line.trim()}".`;
  }
  return undefined;
}

/** Nodes that the story itself stops: lateness there says nothing about the machine. */
export function heldUpOnPurpose(history: StoredRun['history']): ReadonlySet<string | undefined> {
  return new Set(history.map((entry) => (entry.kind === 'lab' && entry.stalls ? entry.node : undefined)));
}

/** The first line of a text that holds some words. */
function lineWith(words: string, text: string): string | undefined {
  const at = text.indexOf(words);
  if (at < 0) return undefined;
  const end = text.indexOf('\n', at);
  return text.slice(text.lastIndexOf('\n', at) + 1, end < 0 ? undefined : end);
}

function msBetween(fromNs: string, toNs: string): number {
  return Number(BigInt(toNs) - BigInt(fromNs)) / 1e6;
}
