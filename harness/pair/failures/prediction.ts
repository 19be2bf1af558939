import type { Bounds } from '../../analysis/model/bounds.ts';
import type { Place } from '../../syntax/statement.ts';
import type { Pair, VirtualRouter } from '../configuration/pair.ts';
import type { Instance } from '../configuration/vrrp.ts';
import type { Finding } from '../rule.ts';

/** What happens to the node that holds the virtual address. */
export const EVENTS = [
  'power-off',
  'link-down',
  'keepalived-stopped',
  'keepalived-dead',
  'haproxy-dead',
  'haproxy-hung',
  'peers-cut',
  'peers-back',
  'return',
  'second-power-off',
] as const;
export type EventName = (typeof EVENTS)[number];

/** The events that this many nodes can meet: a third one can lose its power only where there is one. */
export function eventsOf(nodes: number): readonly EventName[] {
  return EVENTS.filter((event) => event !== 'second-power-off' || nodes > 2);
}

/** What the configurations make of an event, before anything is measured. */
export interface Predicted extends Place {
  readonly event: EventName;
  /** The node that it strikes. */
  readonly target: string;
  readonly instance: string;
  /** The tracked interface that fails, where it is not the instance's own. */
  readonly interface?: string;
  /** Undefined where it cannot be told. */
  readonly moves: boolean | undefined;
  /** Who holds the address in the end; undefined where nobody does, or where it cannot be told. */
  readonly holder: string | undefined;
  /** Who may hold it in its place: timers that end so close to each other end in any order. */
  readonly orHolders?: readonly string[];
  /** How long clients are not served, ms: infinite where that lasts; undefined where it cannot be told. */
  readonly outage: Bounds | undefined;
  /** Where it moves back, the time from when the old master hears the new one, ms. */
  readonly movesAfter?: Bounds;
  /** The cause, one or two sentences; its place is the file and line. */
  readonly because: string;
  /** What to change, where something is the matter. */
  readonly advice?: string;
}

/** What a prediction says beside what it is about. */
export type Verdict = Omit<Predicted, 'event' | 'target' | 'instance'>;

/** A virtual router in its steady state. */
export interface Situation {
  readonly pair: Pair;
  readonly router: VirtualRouter;
  /** Holds the address. */
  readonly holder: Instance;
  /** What the rules found: what keeps nodes from hearing each other, and checks that are left out. */
  readonly findings: readonly Finding[];
  /** Version of keepalived; undefined where it is unknown. */
  readonly keepalived?: string | undefined;
}

/** Clients stay without service. */
export const FOR_EVER: Bounds = { min: Number.POSITIVE_INFINITY, max: Number.POSITIVE_INFINITY };
export const NONE: Bounds = { min: 0, max: 0 };

/** One after the other. */
export function added(...parts: readonly Bounds[]): Bounds {
  return {
    min: parts.reduce((sum, { min }) => sum + min, 0),
    max: parts.reduce((sum, { max }) => sum + max, 0),
  };
}

/** Whichever comes first. */
export function earliest(one: Bounds, other: Bounds): Bounds {
  return { min: Math.min(one.min, other.min), max: Math.min(one.max, other.max) };
}

/** Both must have come. */
export function latest(one: Bounds, other: Bounds): Bounds {
  return { min: Math.max(one.min, other.min), max: Math.max(one.max, other.max) };
}
