import type {
  Deed,
  LabObservation,
  Observation,
  RequestObservation,
} from '../../observations/observation.ts';
import { requestsOf } from './answers.ts';
import {
  type Clock,
  longest,
  type Outage,
  packetOutages,
  type RequestOutage,
  requestOutages,
} from './outage.ts';

/** Something that was done in a run, with its consequences. Instants are ms on the clock of the reading. */
export interface Followed {
  readonly deed: LabObservation & { readonly what: Deed };
  /** When it struck. */
  readonly atMs: number;
  /** How uncertain that is, ms. */
  readonly widthMs: number;
  /** Its end: the next thing that was done, or later where its outage lasted longer. */
  readonly untilMs: number;
  /** The longest time without service that it began; absent where there was none. */
  readonly requests?: RequestOutage;
  readonly packets?: Outage;
  /** Requests that were due their answer meanwhile and were lost. */
  readonly lost: readonly RequestObservation[];
}

/** Cuts a history into what was done, each with the outages that it began. */
export function episodesOf(
  history: readonly Observation[],
  clock: Clock,
  spacingMs: number,
): readonly Followed[] {
  const silences = packetOutages(history, clock);
  const deeds = history
    .filter((entry): entry is Followed['deed'] => entry.kind === 'lab' && entry.what !== 'step')
    .map((deed) => ({ deed, ...struck(deed, silences, clock) }))
    .sort((one, other) => one.atMs - other.atMs);
  const [first] = deeds;
  if (!first) return [];
  const requests = requestsOf(history);
  const outages = requestOutages(requests, clock, { spacingMs, steadyUntilMs: first.atMs, silences });
  const lost = requests
    .filter(({ outcome }) => outcome === 'failed')
    .map((request) => ({ request, sentMs: clock(request.atNs) }));
  const begunMs = deeds.map(({ deed }) => clock(deed.atNs));
  const followed = deeds.map((entry, n) => {
    const own = <T extends Outage>(all: readonly T[]) =>
      longest(all.filter((outage) => ownerOf(outage, begunMs) === n));
    const [mine, silence] = [own(outages), own(silences)];
    const nextMs = deeds[n + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    return {
      ...entry,
      fromMs: Math.min(entry.atMs, mine?.fromMs ?? entry.atMs),
      untilMs: Math.max(nextMs, mine?.toMs ?? nextMs),
      ...(mine && { requests: mine }),
      ...(silence && { packets: silence }),
    };
  });
  return followed.map(({ fromMs, ...entry }, n) => ({
    ...entry,
    // Requests lost in an earlier one's outage do not count again.
    lost: lost
      .filter(({ sentMs }) => {
        const owner = followed.findIndex((each) => sentMs >= each.fromMs && sentMs < each.untilMs);
        return owner === n;
      })
      .map(({ request }) => request),
  }));
}

/**
 * The number of the thing that began an outage; -1 where none did. When one struck is known less well than when it was
 * begun: the outage belongs to the last one that was begun before an answer was missed. On a busy machine, a request
 * that is under way may be overdue already when something strikes and takes its answer: where nothing was done since the
 * last answer, the outage belongs to what was done just after. One that was there before anything was done, and goes on,
 * belongs to the first.
 */
function ownerOf({ aliveMs, missedMs, causedByMs, toMs }: Outage, begunMs: readonly number[]): number {
  const last = begunMs.findLastIndex((ms) => ms <= missedMs);
  const next = begunMs[last + 1] ?? Number.POSITIVE_INFINITY;
  if ((begunMs[last] ?? Number.NEGATIVE_INFINITY) < aliveMs && next <= causedByMs) return last + 1;
  return last >= 0 ? last : toMs > (begunMs[0] ?? 0) ? 0 : -1;
}

/**
 * When something struck, and how uncertain that is: between the instants before and after its steps. Where it was made
 * at once and cuts the wire, it struck in that time when the packet prober was first not answered.
 */
function struck(
  { atNs, doneNs = atNs, atOnce }: LabObservation,
  silences: readonly Outage[],
  clock: Clock,
): { readonly atMs: number; readonly widthMs: number } {
  const [fromMs, toMs] = [clock(atNs), clock(doneNs)];
  const silence = atOnce && longest(silences.filter((each) => each.fromMs >= fromMs && each.fromMs <= toMs));
  return silence
    ? { atMs: silence.fromMs, widthMs: silence.uncertaintyMs }
    : { atMs: fromMs, widthMs: toMs - fromMs };
}
