import type { RunResult } from './result.ts';

/** The stages of a run, in their order. */
export const STAGES = ['building the lab', 'waiting for steady traffic', 'failing over', 'judging'] as const;
export type Stage = (typeof STAGES)[number];

/** A run among those of an invocation; `attempt` is 1, and more where the machine disturbed the one before. */
export interface RunId {
  readonly scenario: string;
  readonly index: number;
  readonly attempt: number;
}

/** What the executor of runs reports; how it is shown is decided elsewhere. */
export interface Progress extends Disposable {
  /** The run enters a stage; the first one opens its lab. */
  stage(run: RunId, stage: Stage): void;
  /**
   * The run is over; its lab may still be going.
   *
   * @param again whether it will be repeated, and so does not count
   */
  ended(run: RunId, outcome: Pick<RunResult, 'status' | 'reason'>, again: boolean): void;
  /** Something else happened that the user may want to know. */
  note(sentence: string): void;
}

/** The state that a view shows. */
export interface Snapshot {
  readonly total: number;
  readonly counts: Readonly<Record<RunResult['status'], number>>;
  /** Runs that count, of `total`. */
  readonly done: number;
  /** Invalid runs that were or will be repeated. */
  readonly repeated: number;
  readonly elapsedMs: number;
  /** Absent until the first run is done. */
  readonly leftMs?: number;
  readonly labs: readonly { readonly run: RunId; readonly stage: Stage; readonly sinceMs: number }[];
}

/** The state behind every view: which labs are up, what is done, how long the rest will take. */
export class Tally {
  readonly #total: number;
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #labs = new Map<string, { run: RunId; stage: Stage; enteredMs: number }>();
  readonly #counts = { passed: 0, failed: 0, skipped: 0, invalid: 0 };
  #repeated = 0;

  /** @param now ms on any steady clock */
  constructor(total: number, now: () => number = () => performance.now()) {
    this.#total = total;
    this.#now = now;
    this.#startedMs = now();
  }

  stage(run: RunId, stage: Stage): void {
    this.#labs.set(runName(run), { run, stage, enteredMs: this.#now() });
  }

  ended(run: RunId, status: RunResult['status'], again: boolean): void {
    this.#labs.delete(runName(run));
    if (again) this.#repeated++;
    else this.#counts[status]++;
  }

  snapshot(): Snapshot {
    const now = this.#now();
    const elapsedMs = now - this.#startedMs;
    const done = Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
    return {
      total: this.#total,
      counts: { ...this.#counts },
      done,
      repeated: this.#repeated,
      elapsedMs,
      // The pace includes parallel labs and repetitions.
      ...(done > 0 && { leftMs: (elapsedMs / done) * (this.#total - done) }),
      labs: [...this.#labs.values()].map(({ run, stage, enteredMs }) => ({
        run,
        stage,
        sinceMs: now - enteredMs,
      })),
    };
  }
}

/** `master-kill run 3`, `master-kill run 3, attempt 2`. */
export function runName({ scenario, index, attempt }: RunId): string {
  return `${scenario} run ${index}${attempt > 1 ? `, attempt ${attempt}` : ''}`;
}
