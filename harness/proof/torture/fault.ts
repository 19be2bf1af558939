import type { Engine } from '../../lab/engine/engine.ts';
import type { Images } from '../../lab/images/images.ts';

/** One thing that was done to the harness, and how it bore it. */
export interface Blow {
  /** What was done, e.g. `kill -9 of the command`. */
  readonly fault: string;
  /** When it struck, e.g. `lab, after 612 ms`. */
  readonly instant: string;
  readonly status: 'survived' | 'failed' | 'skipped';
  /** What was wrong, why it was skipped, or what the command said. */
  readonly detail: string;
  /** Things left behind. */
  readonly leaks: number;
}

/** What every kind of torture gets. */
export interface Bench {
  readonly engine: Engine;
  readonly images: Images;
  readonly seed: number;
  /** How often: kills or interruptions in each stage, labs, failovers. */
  readonly count: number;
  /** Instead of the whole catalogue, where a kind runs that. */
  readonly scenarios: readonly string[];
  readonly signal: AbortSignal;
  report(blow: Blow): void;
}

export type Torture = (bench: Bench) => Promise<void>;
