import { announces } from '../../observations/announcement.ts';
import type { Observation } from '../../observations/observation.ts';
import { isAdvertisement } from './metrics.ts';
import type { PairFacts } from './pair.ts';
import type { Reading } from './timeline.ts';

/** An event of a run, for people to read. */
export interface TimelineEvent {
  /** After the episode that the run is judged by struck. */
  readonly atMs: number;
  readonly source: string;
  readonly kind: string;
  readonly detail: string;
}

/** Anything earlier than this before the fault belongs to the steady state. */
const BEFORE_FAULT_MS = 1000;

/** The events of a run around an episode, in their order: all that was done, and how the pair reacted. */
export function eventsAround(
  history: readonly Observation[],
  { vip, master, backup }: PairFacts,
  { atNs, around }: Pick<Reading, 'atNs' | 'around'>,
): readonly TimelineEvent[] {
  const at = (entry: { readonly atNs: string }) => Number(BigInt(entry.atNs) - atNs) / 1e6;
  const events = history.flatMap((entry): TimelineEvent[] => {
    const event = (source: string, kind: string, detail: string) => [
      { atMs: at(entry), source, kind, detail },
    ];
    if (entry.kind === 'lab') {
      const detail = entry.detail ? `${entry.name}: ${entry.detail}` : entry.name;
      return event(entry.node ?? 'lab', entry.what, detail);
    }
    if (at(entry) < -BEFORE_FAULT_MS) return [];
    if (entry.kind === 'address' && entry.address === vip)
      return event(entry.node, 'address', `VIP ${entry.change}`);
    if (entry.kind === 'neighbour' && entry.address === vip)
      return event(entry.node, 'neighbour', `VIP ${entry.state}${entry.mac ? ` at ${entry.mac}` : ''}`);
    for (const participant of [master, backup]) {
      if (isAdvertisement(entry, participant) && entry.kind === 'frame' && entry.frame.type === 'vrrp')
        return event(participant.node, 'advertisement', `priority ${entry.frame.priority}`);
      if (announces(entry, participant.node, vip)) return event(participant.node, 'gratuitous ARP', vip);
    }
    return [];
  });
  const request = (entry: { readonly atNs: string; readonly servedBy?: string }, detail: string) =>
    events.push({
      atMs: at(entry),
      source: 'client',
      kind: 'request',
      detail: `${detail} (${entry.servedBy})`,
    });
  if (around) request(around.before, 'last answered before the outage');
  if (around?.after) request(around.after, 'first answered after the outage');
  return events.sort((one, other) => one.atMs - other.atMs);
}
