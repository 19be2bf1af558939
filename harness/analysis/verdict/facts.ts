import { z } from 'zod';
import type { Observation } from '../../observations/observation.ts';
import { AGENT_NAMES } from '../../system/under-test.ts';

/** Raised when a field changes its meaning or goes. */
const FACTS_VERSION = 1;

const participant = z.object({
  /** Name of the node and of its port in the switch. */
  node: z.string(),
  vrrpIp: z.string(),
  mac: z.string(),
  priority: z.int(),
  /** Whether it passes on packets for others (net.ipv4.ip_forward); runs that are older are of amphorae, which do. */
  forwards: z.boolean().default(true),
  /** So long its check waits for a HAProxy that does not answer, ms; null where nobody knows, absent where it is Octavia's. */
  checkWaitsMs: z.number().nullable().optional(),
});

/** What stories measure themselves. */
export type MeasureName = 'storyConnectionsCut' | 'refreshInterval';

/** Runs of earlier versions hold other names: one is another's today, the rest is found in the history. */
function measuresOf(stored: Readonly<Record<string, number>>): Partial<Record<MeasureName, number>> {
  const { cutConnections, storyConnectionsCut = cutConnections, refreshInterval } = stored;
  return {
    ...(storyConnectionsCut !== undefined && { storyConnectionsCut }),
    ...(refreshInterval !== undefined && { refreshInterval }),
  };
}

/** The facts of a run besides its history: all that judging needs, and no verdict. */
export const factsSchema = z.object({
  factsVersion: z.literal(FACTS_VERSION).default(FACTS_VERSION),
  scenario: z.string(),
  /** From 1. */
  index: z.int(),
  /** Where the fault was wanted between two advertisements, as a share of the interval. */
  phaseShare: z.number(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  probe: z.object({ intervalMs: z.number(), timeoutMs: z.number() }),
  /** The expectations of the story, and how they ended. */
  checks: z.array(z.object({ name: z.string(), status: z.enum(['passed', 'failed']), detail: z.string() })),
  /** Absent when the run ended before the VIP had one holder. */
  pair: z
    .object({
      ...{ vip: z.string(), master: participant, backup: participant },
      /** Further machines, in the order in which they would take over. */
      others: z.array(participant).optional(),
    })
    .optional(),
  /** Why the story ended early. */
  failure: z.object({ name: z.string(), message: z.string() }).optional(),
  /** Why it could not be run here. */
  skipped: z.string().optional(),
  /** What the story measured besides the outage, ms or a count. */
  measures: z.record(z.string(), z.number()).transform(measuresOf).default({}),
  /** The name of its lab; absent where none was built, and in runs that are older. */
  lab: z.string().optional(),
  labUpMs: z.number(),
  wallMs: z.number(),
  versions: z.record(z.string(), z.string()),
  /** Whose agent the amphorae had; runs that are older had the testbed's. */
  agent: z.enum(AGENT_NAMES).optional(),
  /** Journals in the run's folder, by amphora. */
  journals: z.record(z.string(), z.string()),
  /** Rendered configurations in the run's folder, by amphora. */
  configurations: z.record(z.string(), z.object({ keepalived: z.string(), haproxy: z.string() })),
});

export type RunFacts = z.output<typeof factsSchema>;
export type Pair = NonNullable<RunFacts['pair']>;

/** A stored run: all that is needed to judge it, now or later. */
export interface StoredRun {
  readonly facts: RunFacts;
  readonly history: readonly Observation[];
  /** Text of each amphora's journal, by node. */
  readonly journals: Readonly<Record<string, string>>;
  /** Texts of what the controller uploaded, by node. */
  readonly configurations: Readonly<
    Record<string, { readonly keepalived: string; readonly haproxy: string }>
  >;
}
