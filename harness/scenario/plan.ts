import type { Images } from '../images/images.ts';
import type { Parameters } from './parameters.ts';

/** What one invocation runs: written by the command line, read by the test process. */
export interface Plan {
  /** Absolute; each run gets a folder `<scenario>/run-<n>` in it. */
  readonly folder: string;
  readonly images: Images;
  readonly runs: number;
  readonly seed: number;
  readonly parameters: Parameters;
  /** Leave the lab of a failed run up until interrupted. */
  readonly keep: boolean;
}

/** The environment variable that holds the plan as JSON. */
export const PLAN_VARIABLE = 'AMPHORA_TESTBED_PLAN';
