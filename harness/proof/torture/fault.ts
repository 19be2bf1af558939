import type { Engine } from '../../lab/engine/engine.ts';
import type { Images } from '../../lab/images/images.ts';

/** One fault that the harness was exposed to, and whether it survived. */
export interface Blow {
  /** What was done, e.g. `kill -9 of the command`. */
  readonly fault: string;
  /** When it struck, e.g. `lab, after 612 ms`. */
  readonly instant: string;
  readonly status: 'survived' | 'failed' | 'skipped';
  /** What failed, why it was skipped, or the command's output. */
  readonly detail: string;
  /** Things left behind. */
  readonly leaks: number;
}

/** The request to a kind of torture. */
export interface Bench {
  readonly engine: Engine;
  readonly images: Images;
  readonly seed: number;
  /** Number of kills or interruptions in each stage, of labs, or of failovers. */
  readonly count: number;
  /** Replaces the whole catalogue in a kind that runs it. */
  readonly scenarios: readonly string[];
  readonly signal: AbortSignal;
  report(blow: Blow): void;
}

/** A verdict with what else was found: one that failed stays so, with its cause. */
export function withMore(verdict: Blow, more: Partial<Blow>): Blow {
  if (verdict.status !== 'failed') return { ...verdict, ...more };
  return { ...verdict, detail: `${verdict.detail}; ${more.detail}` };
}

export type Torture = (bench: Bench) => Promise<void>;
