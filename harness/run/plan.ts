import type { Images } from '../lab/images/images.ts';
import { phaseShares } from '../scenario/phases.ts';

/** One run of a scenario that is to be done. */
export interface Job {
  /** Number of the run in its scenario, from 1. */
  readonly index: number;
  /** From an advertisement of the master to the fault, as a share of the interval, 0 to 1. */
  readonly phaseShare: number;
}

/** A run that the machine disturbed is done again until it was tried this often. */
export const ATTEMPTS_MAX = 3;

/** What one invocation runs. */
export interface Plan {
  /** Absolute; each run gets a folder `<scenario>/run-<n>` in it. */
  readonly folder: string;
  readonly images: Images;
  /** By scenario. */
  readonly jobs: Readonly<Record<string, readonly Job[]>>;
  readonly seed: number;
  /** `key=value`, over each scenario's own parameters. */
  readonly set: readonly string[];
  /** Leave the lab of a failed run up until interrupted. */
  readonly keep: boolean;
  /** A scenario's runs follow each other in one lab, where they leave it whole. */
  readonly reuse: boolean;
  /** Runs also the stories that do not fit the system: their figures count, and not whether they pass. */
  readonly anyway?: true;
  /** Name of the mutation of the system. */
  readonly mutation?: string;
}

/** The plan of the tests: with the address at which they ask for outcomes. */
export type TestPlan = Plan & { readonly slots: string };

/** The environment variable that holds the plan as JSON, for the processes that carry it out. */
export const PLAN_VARIABLE = 'AMPHORA_TESTBED_PLAN';

/** The plan of this process. */
export function readPlan(): TestPlan {
  const given = process.env[PLAN_VARIABLE];
  if (!given) throw new Error('Scenarios are run by `npm run scenario -- <name>`.');
  return JSON.parse(given) as TestPlan;
}

/** Equally many runs of each scenario, their faults spread over the advertisement interval. */
export function evenJobs(names: readonly string[], runs: number, seed: number): Plan['jobs'] {
  const jobs = phaseShares(runs, seed).map((phaseShare, n) => ({ index: n + 1, phaseShare }));
  return Object.fromEntries(names.map((name) => [name, jobs]));
}
