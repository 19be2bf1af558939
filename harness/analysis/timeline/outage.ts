import { max, median } from 'simple-statistics';
import type { Observation, RequestObservation, SilenceObservation } from '../../observations/observation.ts';

/** Turns an instant of the history into ms since an origin that all instants of a reading share. */
export type Clock = (atNs: string) => number;

/** A time without service, ms on the clock of the reading. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
  /** The most that its length can be off, by where between two probes it began and ended. */
  readonly uncertaintyMs: number;
  /** False where nothing was answered until the end of observation: it lasted at least so long. */
  readonly over: boolean;
  /** The last answer before it came then. */
  readonly aliveMs: number;
  /** The first instant at which an answer was due and did not come. */
  readonly missedMs: number;
  /** Its cause struck by then: an answer may take as long as any did in the steady state. */
  readonly causedByMs: number;
}

/** An outage as requests tell it. */
export interface RequestOutage extends Outage {
  /** The last request that was answered before it. */
  readonly before: RequestObservation;
  /** The first one that was answered after it; absent where it is not over. */
  readonly after?: RequestObservation;
  /** Answered late, as something held them until the service was back: by how much, ms. */
  readonly delayedByMs: readonly number[];
}

/** An answer that comes this much later than a steady one was held, ms; closer ones are the scheduler's everyday work. */
const HELD_MS = 2;
/** A client that is answered this much later than usual was without service, however patient it is, ms. */
export const LOST_MS = 100;
/** An unanswered handshake is repeated this long after the first attempt (RFC 6298, section 2): nothing held it. */
const RETRIES_MS = [1000, 3000];
const RETRY_WIDTH_MS = 10;
/** This many unanswered requests in a row at the end are an outage that goes on; one alone may be an accident. */
const UNANSWERED_MIN = 2;

/**
 * The outages of a run as requests tell it: the times in which the service answered nothing, from answer to answer,
 * less what an answer takes in the steady state. A request is due its answer that long after it was sent.
 *
 * The outage began between the last answer and the first one that was due and did not come, and ended between the last
 * one that did not come and the first that did: the middle of both is taken, so that its length is unbiased for any
 * spacing. Where the first answer is to a request that was held meanwhile (a neighbour's queue holds packets and delivers
 * them once the address is resolved), the service was back just then. The prober's patience has no influence.
 *
 * A time counts where a request was lost in it. Where all were only held, it counts if one was held for longer than the
 * shortest patience, {@link LOST_MS}, or if packets were not answered either: shorter waits are the
 * scheduler's everyday work, and no outage.
 *
 * @param how.spacingMs between two requests
 * @param how.steadyUntilMs the end of the steady state, which shows how long an answer takes
 * @param how.silences of packets
 */
export function requestOutages(
  requests: readonly RequestObservation[],
  clock: Clock,
  how: {
    readonly spacingMs: number;
    readonly steadyUntilMs: number;
    readonly silences: readonly Outage[];
  },
): readonly RequestOutage[] {
  const answers = requests
    .filter(({ outcome }) => outcome === 'answered')
    .map((request) => ({ request, sentMs: clock(request.atNs), endMs: clock(request.endNs) }))
    .sort((one, other) => one.endMs - other.endMs);
  if (answers.length === 0) return [];
  const { spacingMs, steadyUntilMs, silences } = how;
  const steady = answers.filter(({ endMs }) => endMs <= steadyUntilMs);
  const takenMs = (steady.length > 0 ? steady : answers).map(({ sentMs, endMs }) => endMs - sentMs);
  const steadyMs = median(takenMs);
  const slowestMs = Math.min(LOST_MS, max(takenMs));
  const missed = requests
    .flatMap((request) => {
      const dueMs = clock(request.atNs) + steadyMs;
      const endMs = request.outcome === 'answered' ? clock(request.endNs) : Number.POSITIVE_INFINITY;
      return endMs - dueMs >= HELD_MS ? [{ dueMs, endMs }] : [];
    })
    .sort((one, other) => one.dueMs - other.dueMs);
  const outages: RequestOutage[] = [];
  let next = 0;
  for (const [n, before] of answers.entries()) {
    const after = answers[n + 1];
    while ((missed[next]?.dueMs ?? Number.POSITIVE_INFINITY) <= before.endMs) next++;
    const from = next;
    const returnMs = after?.endMs ?? Number.POSITIVE_INFINITY;
    while ((missed[next]?.dueMs ?? Number.POSITIVE_INFINITY) < returnMs) next++;
    const here = missed.slice(from, next);
    const [first, last] = [here[0], here.at(-1)];
    if (!first || !last) continue;
    const lost = here.filter(({ endMs }) => endMs === Number.POSITIVE_INFINITY).length;
    // Held ones come together, once the service is back.
    const held = here.filter(({ endMs }) => endMs <= returnMs + spacingMs);
    const beganMs = (before.endMs + first.dueMs) / 2;
    const common = {
      before: before.request,
      fromMs: beganMs,
      aliveMs: before.endMs,
      missedMs: first.dueMs,
      causedByMs: first.dueMs - steadyMs + slowestMs,
    };
    const beginWidthMs = (first.dueMs - before.endMs) / 2;
    if (!after) {
      if (lost >= UNANSWERED_MIN)
        outages.push({
          ...common,
          toMs: last.dueMs,
          over: false,
          uncertaintyMs: beginWidthMs,
          delayedByMs: [],
        });
      continue;
    }
    const quiet = (silence: Outage) => silence.toMs > before.endMs && silence.fromMs < after.endMs;
    const longHeld = here.some(({ dueMs, endMs }) => endMs - dueMs >= LOST_MS);
    if (lost === 0 && !longHeld && !(held.length > 0 && silences.some(quiet))) continue;
    const lateMs = after.endMs - after.sentMs - steadyMs;
    const wasHeld = lateMs >= HELD_MS && !RETRIES_MS.some((ms) => Math.abs(lateMs - ms) < RETRY_WIDTH_MS);
    const endWidthMs = wasHeld ? 0 : Math.max(0, after.endMs - last.dueMs) / 2;
    outages.push({
      ...common,
      after: after.request,
      toMs: after.endMs - endWidthMs,
      over: true,
      uncertaintyMs: beginWidthMs + endWidthMs,
      delayedByMs: here
        .filter(({ endMs }) => Number.isFinite(endMs))
        .map(({ dueMs, endMs }) => endMs - dueMs),
    });
  }
  return outages;
}

/** Fewer unanswered packets are a pause of the prober's own. */
const PACKETS_MIN = 3;

/**
 * The outages of a run as the packet prober tells it: the silences between two answers in which several packets were
 * sent, less half a spacing at both ends.
 */
export function packetOutages(history: readonly Observation[], clock: Clock): readonly Outage[] {
  // A lasting silence is logged repeatedly: the last entry counts.
  const silences = new Map(
    history
      .filter((entry): entry is SilenceObservation => entry.kind === 'silence')
      .sort((one, other) => (BigInt(one.untilNs) < BigInt(other.untilNs) ? -1 : 1))
      .map((entry) => [entry.atNs, entry]),
  );
  return [...silences.values()]
    .filter(({ sent }) => sent >= PACKETS_MIN)
    .map(({ atNs, untilNs, sent, spacingMs, open }) => {
      const [fromMs, untilMs] = [clock(atNs), clock(untilNs)];
      const halfMs = (untilMs - fromMs) / sent / 2;
      return {
        fromMs: fromMs + halfMs,
        toMs: open ? untilMs : untilMs - halfMs,
        aliveMs: fromMs,
        missedMs: fromMs + 2 * halfMs,
        causedByMs: fromMs + 2 * halfMs,
        uncertaintyMs: spacingMs,
        over: !open,
      };
    })
    .sort((one, other) => one.fromMs - other.fromMs);
}

/** The longest of some outages; one that is not over is longer than any that is. */
export function longest<T extends Outage>(outages: readonly T[]): T | undefined {
  const open = outages.filter(({ over }) => !over);
  return (open.length > 0 ? open : outages).reduce<T | undefined>(
    (worst, outage) => (worst && lengthOf(worst) >= lengthOf(outage) ? worst : outage),
    undefined,
  );
}

/** ms */
export function lengthOf({ fromMs, toMs }: Pick<Outage, 'fromMs' | 'toMs'>): number {
  return toMs - fromMs;
}
