import type { TextName } from './system.ts';

/** Whose agent an amphora runs: what differs between agents is in its description. */
export const AGENT_NAMES = ['own', 'octavia'] as const;
export type AgentName = (typeof AGENT_NAMES)[number];

/** A pair of configurations. */
export interface PairUnderTest {
  /** Absolute. */
  readonly folder: string;
  /** How many machines it has. */
  readonly machines: number;
  /** When an old master that is back takes the VIP back, at the latest, ms; absent where it stays backup. */
  readonly takesBackMs?: number;
  /** All its machines have the VIP with the same MAC (keepalived.conf(5), use_vmac). */
  readonly oneMac?: true;
  /** The VIP is on another interface than VRRP. */
  readonly twoCables?: true;
  /** A checksum over all its files: what is measured is what is reported. */
  readonly digest: string;
}

/** The system under test as it was built: what a lab is made of and what a report says. Plain data. */
export interface SystemUnderTest {
  /** Absent where there are no amphorae. */
  readonly agent?: AgentName;
  /** Machines with these configurations, in the place of amphorae. */
  readonly pair?: PairUnderTest;
  /** What it consists of, by part, where that is not the testbed's own: `octavia: 16.0.0 of Debian trixie`. */
  readonly parts: Readonly<Record<string, string>>;
  /** What replaces rendered configurations. */
  readonly texts: Readonly<Partial<Record<TextName, string>>>;
}

/** The testbed's own. */
export const OWN_UNDER_TEST: SystemUnderTest = { agent: 'own', parts: {}, texts: {} };
