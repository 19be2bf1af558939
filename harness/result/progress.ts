import { summarise } from '../analysis/statistics/summary.ts';
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

/** How a run ended, as far as it is shown before there is a report. */
export interface RunEnd extends Pick<RunResult, 'status' | 'reason'> {
  /** Absent where it has none that counts. */
  readonly outage?: Outage;
  /** From its beginning to its verdict. */
  readonly wallMs?: number;
}

/** At least so long where it is not over. */
export interface Outage {
  readonly ms: number;
  readonly over: boolean;
}

/** What is shown of a run that has its verdict. */
export function endOf({ status, reason, metrics, over, wallMs }: RunResult): RunEnd {
  const counts = status !== 'invalid' && metrics.outage !== undefined;
  return {
    status,
    ...(reason !== undefined && { reason }),
    ...(counts && { outage: { ms: metrics.outage ?? 0, over: over !== false } }),
    wallMs,
  };
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
  ended(run: RunId, end: RunEnd, again: boolean): void;
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
  readonly labs: readonly LabSnapshot[];
  /** Those of the runs that ended, the oldest first, by scenario. */
  readonly outages: Readonly<Record<string, readonly Outage[]>>;
}

/** A lab, as its line shows it. */
export interface LabSnapshot {
  readonly run: RunId;
  readonly stage: Stage;
  /** How long it has been in this stage. */
  readonly sinceMs: number;
  /** Until the run has taken as long as others of its scenario, negative after that; absent where none is known. */
  readonly endsInMs?: number;
}

/** Where a view's knowledge comes from. */
export interface TallyOptions {
  /** ms on any steady clock. */
  readonly now?: () => number;
  /** What a run takes on this machine by earlier ones, by scenario. */
  readonly durationsMs?: Readonly<Record<string, number>>;
}

/** The state behind every view: which labs are up, what is done, how long the rest will take. */
export class Tally {
  readonly #total: number;
  readonly #now: () => number;
  readonly #earlierMs: Readonly<Record<string, number>>;
  readonly #startedMs: number;
  readonly #labs = new Map<string, { run: RunId; stage: Stage; begunMs: number; enteredMs: number }>();
  readonly #counts = { passed: 0, failed: 0, skipped: 0, invalid: 0 };
  readonly #outages: Record<string, readonly Outage[]> = {};
  readonly #wallsMs: Record<string, readonly number[]> = {};
  #repeated = 0;

  constructor(total: number, { now = () => performance.now(), durationsMs = {} }: TallyOptions = {}) {
    this.#total = total;
    this.#now = now;
    this.#earlierMs = durationsMs;
    this.#startedMs = now();
  }

  stage(run: RunId, stage: Stage): void {
    const now = this.#now();
    // A run that another worker repeats begins anew.
    const known = stage === STAGES[0] ? undefined : this.#labs.get(runName(run));
    this.#labs.set(runName(run), { run, stage, begunMs: known?.begunMs ?? now, enteredMs: now });
  }

  ended(run: RunId, { status, outage, wallMs }: RunEnd, again: boolean): void {
    this.#labs.delete(runName(run));
    if (again) this.#repeated++;
    else this.#counts[status]++;
    const { scenario } = run;
    if (outage) this.#outages[scenario] = [...(this.#outages[scenario] ?? []), outage];
    if (wallMs !== undefined && status !== 'invalid')
      this.#wallsMs[scenario] = [...(this.#wallsMs[scenario] ?? []), wallMs];
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
      labs: [...this.#labs.values()].map(({ run, stage, begunMs, enteredMs }) => {
        const durationMs = this.#durationMs(run.scenario);
        return {
          run,
          stage,
          sinceMs: now - enteredMs,
          ...(durationMs !== undefined && { endsInMs: begunMs + durationMs - now }),
        };
      }),
      outages: { ...this.#outages },
    };
  }

  /** By the runs of this invocation, or else by earlier ones. */
  #durationMs(scenario: string): number | undefined {
    const walls = this.#wallsMs[scenario];
    return walls ? summarise(walls).median : this.#earlierMs[scenario];
  }
}

/** `master-kill run 3`, `master-kill run 3, attempt 2`. */
export function runName({ scenario, index, attempt }: RunId): string {
  return `${scenario} run ${index}${attempt > 1 ? `, attempt ${attempt}` : ''}`;
}
