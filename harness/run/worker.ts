import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { likeThisProcess } from '../imports/hooks.ts';
import { COMPILE_CACHE, codeFile, PROJECT_ROOT } from '../project.ts';
import { endOf, type RunEnd, type RunId, type Stage } from '../result/progress.ts';
import { inWords } from './environment.ts';
import { recordLost } from './lost-run.ts';
import type { Plan } from './plan.ts';

/** One try of a job. */
export interface RunOrder {
  readonly run: RunId;
  /** See {@link Job}. */
  readonly phaseShare: number;
  /** The scenario's. */
  readonly file: string;
  /** When it was given, ms on the clock of {@link clockMs}. */
  readonly atMs: number;
}

/** What a worker gets: the plan first, then orders to perform a run, or to destroy the lab that the run before left whole. */
export type Order = { readonly plan: Plan } | RunOrder | { readonly release: true };

/** How a run came out, and whether its lab can serve another one; or why no run would fare better here. */
export type Performed = { readonly outcome: RunEnd; readonly whole: boolean } | { readonly failed: string };

/**
 * What a worker says: a run's stages, its verdict, and that its lab has gone or is kept for the next one. `released`
 * answers a release.
 */
export type Answer =
  | { readonly stage: Stage }
  | Performed
  | { readonly cleared: true }
  | { readonly released: true };

/** A process that performs runs, one after another. */
export interface Performer extends AsyncDisposable {
  /** False once its process has ended; what it is asked for then is lost at once. */
  readonly alive: boolean;
  /** Resolves whatever happens: a run whose process ends is lost, which is an outcome. */
  perform(order: RunOrder, onStage: (stage: Stage) => void): Promise<Performed>;
  /** Resolves when the lab of the last run has gone, or is kept for the next one. */
  cleared(): Promise<void>;
  /** Destroys the lab that the run before left whole. */
  release(): Promise<void>;
}

const MAIN = codeFile('harness/run/worker-main');
/**
 * MB. Nearly all that a process allocates while it loads stays: from Node's first young generation, of 1 MB, it would be
 * copied again and again, which takes a quarter of the time that the process loads.
 */
const YOUNG = '--min-semi-space-size=16';
/** Characters of its standard error in the reason for a lost run. */
const COMPLAINT_LENGTH_MAX = 600;
const COMPLAINT_LIMIT_MS = 500;

/**
 * A process that performs runs, one lab at a time: whatever ends it costs the run that it was at, and no other. It
 * ends with the process that started it.
 */
export class Worker implements Performer {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #limitMs: (scenario: string) => number | undefined;
  /** Resolves with how the process ended. */
  readonly #ended: Promise<string>;
  #alive = true;
  #dismissed = false;
  #overdue: string | undefined;
  #onAnswer: (answer: Answer) => void = () => {};
  #cleared = Promise.resolve();

  /** @param limitMs how long a run may take; undefined where it may take for ever */
  constructor(plan: Plan, limitMs: (scenario: string) => number | undefined) {
    this.#folder = plan.folder;
    this.#limitMs = limitMs;
    this.#child = takeReady(plan) ?? started(plan);
    if (this.#child.pid !== undefined) favour(this.#child.pid);
    this.#child.on('message', (answer: Answer) => this.#onAnswer(answer));
    this.#child.send({ plan } satisfies Order, () => {});
    this.#ended = this.#untilEnded().finally(() => {
      this.#alive = false;
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  async perform(order: RunOrder, onStage: (stage: Stage) => void): Promise<Performed> {
    const limitMs = this.#limitMs(order.run.scenario);
    const limit = limitMs && setTimeout(() => this.#endOverdue(limitMs), limitMs);
    const cleared = Promise.withResolvers<void>();
    this.#cleared = Promise.race([cleared.promise, this.#ended.then(() => {})]).finally(() =>
      clearTimeout(limit),
    );
    const answer = await this.#answerTo(order, onStage, cleared.resolve);
    if (answer && !('released' in answer)) return answer;
    const how = await this.#ended;
    if (this.#dismissed) return { failed: 'The invocation that this run belongs to has ended.' };
    try {
      const reason = `The process that ran it ended: ${this.#overdue ?? how}`;
      return { outcome: endOf(await recordLost(this.#folder, order.run, reason)), whole: false };
    } catch (error) {
      return { failed: inWords(error) };
    }
  }

  cleared(): Promise<void> {
    return this.#cleared;
  }

  async release(): Promise<void> {
    await this.#answerTo({ release: true });
  }

  /** Ends it, and with it the lab that it may be at: that destroys itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#dismissed = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Undefined where the process ends without one. */
  #answerTo(
    order: Order,
    onStage: (stage: Stage) => void = () => {},
    onCleared: () => void = () => {},
  ): Promise<Performed | { readonly released: true } | undefined> {
    const answered = Promise.withResolvers<Performed | { readonly released: true }>();
    this.#onAnswer = (answer) => {
      if ('stage' in answer) onStage(answer.stage);
      else if ('cleared' in answer) onCleared();
      else answered.resolve(answer);
    };
    // One that cannot be told has ended, or is about to.
    if (this.#child.connected) this.#child.send(order, () => {});
    return Promise.race([answered.promise, this.#ended.then(() => undefined)]);
  }

  #endOverdue(limitMs: number): void {
    this.#overdue = `it did not end within ${(limitMs / 1000).toFixed(0)} s, and was killed`;
    this.#child.kill('SIGKILL');
  }

  async #untilEnded(): Promise<string> {
    const { stderr } = this.#child;
    let complaint = '';
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-COMPLAINT_LENGTH_MAX);
    });
    stderr?.on('error', () => {});
    // Its descendants may hold the stream open.
    const heard = stderr && once(stderr, 'close').catch(() => {});
    try {
      const [code, signal] = (await once(this.#child, 'exit')) as [number | null, string | null];
      await Promise.race([heard, delay(COMPLAINT_LIMIT_MS)]);
      return complaint.trim() || (signal ? `it was killed by ${signal}` : `it left with exit code ${code}`);
    } catch (error) {
      // It could not be started, or not be told something.
      this.#child.kill('SIGKILL');
      return (error as Error).message;
    }
  }
}

let ready: ChildProcess | undefined;

/** Starts the process of the first worker before there is a plan: it loads while an engine is looked for. */
export function readyWorker(plan: Pick<Plan, 'keep'>): void {
  ready ??= started(plan);
}

function takeReady({ keep }: Plan): ChildProcess | undefined {
  const child = ready;
  ready = undefined;
  // With `keep`, what it says goes to the terminal.
  const isAlive = child?.connected && child.exitCode === null && child.signalCode === null;
  return isAlive && (child.stderr === null) === keep ? child : undefined;
}

function started({ keep }: Pick<Plan, 'keep'>): ChildProcess {
  const child = fork(MAIN, {
    cwd: PROJECT_ROOT,
    env: { ...process.env, NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: COMPILE_CACHE },
    execArgv: [YOUNG, ...process.execArgv, ...likeThisProcess('runs')],
    stdio: ['ignore', 'ignore', keep ? 'inherit' : 'pipe', 'ipc'],
  });
  // Its end says what happened.
  child.on('error', () => {});
  return child;
}

/**
 * Before ordinary processes, and never at a real-time priority: what it observes must not wait behind everybody's
 * work, and others must get their turn.
 */
function favour(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_ABOVE_NORMAL);
  } catch {
    // Only root may.
  }
}
