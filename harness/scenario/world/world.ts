import { setTimeout as delay } from 'node:timers/promises';
import type { MeasureName } from '../../analysis/verdict/facts.ts';
import type { Lab, LabNode, PairTiming } from '../../lab/lab.ts';
import type { LabObservation } from '../../observations/observation.ts';
import type { ObservationLog } from '../../observations/observation-log.ts';
import type { RunResult } from '../../result/result.ts';
import { type Hand, handNow } from '../../vocabulary/deed.ts';
import type { Probe } from './probes.ts';

/** What the words of a story act on. */
export interface World {
  readonly lab: Lab;
  readonly log: ObservationLog;
  /** Held the VIP when the story began. */
  readonly master: LabNode;
  /** The other one; the master itself where it is alone. */
  readonly backup: LabNode;
  /** Further machines, in the order in which they would take over. */
  readonly others: readonly LabNode[];
  readonly checks: RunResult['checks'];
  readonly probe: Probe;
  /** What a story measures besides the outage, ms or a count. */
  readonly measures: Partial<Record<MeasureName, number>>;
  /** The next instant of the run's phase, ns since the epoch; resolves a little before it. */
  readonly atPhase: () => Promise<bigint>;
}

/** Slack over what the protocol takes until an expectation gives up. */
const SLACK_MS = 8000;

/** The longest that any take-over of a pair may take, ms: by silence, by the check script, or by preemption. */
export function takeOverLimitMs(timing: PairTiming): number {
  const { advertIntMs, checkIntervalMs, checkFall, preemptDelayMs = 0 } = timing;
  return 4 * advertIntMs + 2 * checkIntervalMs * checkFall + preemptDelayMs + SLACK_MS;
}

/** The same in this lab. */
export function limitMs({ lab }: World): number {
  return takeOverLimitMs(lab.timing);
}

export function advertIntMs({ lab }: World): number {
  return lab.timing.advertIntMs;
}

/** Does something at once, and keeps its entry in the history. */
export async function recorded({ log }: World, act: () => Promise<LabObservation>): Promise<LabObservation> {
  const entry = await act();
  log.append(entry);
  return entry;
}

/** What something is done with: a repair at once, everything else at the run's phase. */
export function handOf(world: World, part: 'fault' | 'heal' | 'change'): Hand {
  const { lab } = world;
  const check: Hand['check'] = (name, outcome) => checked(world, name, async () => outcome);
  if (part === 'heal') return { ...handNow(lab), check };
  return {
    ...{ lab, check },
    // Taken in the fabric, at that instant.
    run: async (...steps) => lab.fabric.at(await world.atPhase()).run(...steps),
    instant: async () => void (await delay(Math.max(0, Number(await world.atPhase()) / 1e6 - Date.now()))),
  };
}

/** What an expectation came to. */
export interface CheckOutcome {
  readonly holds: boolean;
  readonly detail: string;
}

/** The outcome of an expectation becomes a check of the run; one that fails ends the story. */
export async function checked(
  { checks }: Pick<World, 'checks'>,
  name: string,
  look: () => Promise<CheckOutcome>,
): Promise<void> {
  let outcome: CheckOutcome;
  try {
    outcome = await look();
  } catch (error) {
    checks.push({ name, status: 'failed', detail: (error as Error).message });
    throw error;
  }
  checks.push({ name, status: outcome.holds ? 'passed' : 'failed', detail: outcome.detail });
  if (!outcome.holds) throw new Error(`${name}: ${outcome.detail}`);
}

/** From an entry of the history to a later one, ms. */
export function sinceMs(from: { readonly atNs: string }, to: { readonly atNs: string }): number {
  return Number(BigInt(to.atNs) - BigInt(from.atNs)) / 1e6;
}
