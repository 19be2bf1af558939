/** One step of a flow; `revert` undoes it when a later step fails, and may be called after a failed `execute`. */
export interface Task {
  /** Octavia's name of the task. */
  readonly name: string;
  /** Which of several of that name in one flow: a role, or a flow within the flow. */
  readonly of?: string;
  /** May be called again after a call whose end nobody saw: it has to bear that. */
  execute(): Promise<void>;
  /** Bears being called again as well. */
  revert?(): Promise<void>;
}

/** Tasks one after the other, or flows side by side (taskflow's linear_flow and unordered_flow). */
export type Flow = Task | { readonly sequence: readonly Flow[] } | { readonly together: readonly Flow[] };

/** A flow failed and was reverted; the message names the task and, where it failed at one, the amphora. */
export class FlowFailed extends Error {
  override readonly name = 'FlowFailed';
  readonly task: string;

  constructor(task: string, failure: unknown) {
    const { amphoraId, cause } = failure instanceof AmphoraFailed ? failure : { cause: failure };
    const reason = cause instanceof Error ? cause.message : String(cause);
    // What an agent answered names its amphora already.
    const place = amphoraId && !reason.includes(amphoraId) ? ` at amphora ${amphoraId}` : '';
    super(`${task} failed${place}: ${reason}`, { cause });
    this.task = task;
  }
}

/** What went wrong at one of the amphorae that a task is for; `cause` is what. */
class AmphoraFailed extends Error {
  override readonly name = 'AmphoraFailed';
  readonly amphoraId: string;

  constructor(amphoraId: string, cause: unknown) {
    super(`amphora ${amphoraId} failed`, { cause });
    this.amphoraId = amphoraId;
  }
}

/** Names the amphora in the failure of what is done to it. */
export async function atAmphora<T>({ id }: { readonly id: string }, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new AmphoraFailed(id, cause);
  }
}

/** Told of each task that has ended. */
export type TaskListener = (task: { readonly name: string; readonly durationMs: number }) => void;

/** Told of what could not be undone after a failure. */
export type RevertListener = (task: string, error: unknown) => void;

/** Where a flow's progress is kept, so that it outlives the process. */
export interface Journal {
  begin(task: string): void;
  end(task: string): void;
  /** From now on tasks are reverted only. */
  turnBack(): void;
}

/** What an earlier process has left of a flow. */
export interface Progress {
  readonly direction: 'forward' | 'back';
  /** Names of tasks, in the order in which they were begun. */
  readonly begun: readonly string[];
  readonly done: ReadonlySet<string>;
}

const NOTHING: Journal = { begin: () => {}, end: () => {}, turnBack: () => {} };
const FROM_THE_START: Progress = { direction: 'forward', begun: [], done: new Set() };

/**
 * Runs a flow. When a task fails, all that were begun are reverted, the last first; a revert that fails does
 * not hide the first failure.
 *
 * With the progress of an earlier process, tasks that had ended are passed over, and what was being reverted is
 * reverted.
 *
 * @throws FlowFailed
 */
export async function runFlow(
  flow: Flow,
  options: {
    readonly onTask?: TaskListener;
    readonly onRevertFailed?: RevertListener;
    readonly journal?: Journal;
    readonly progress?: Progress;
  } = {},
): Promise<void> {
  const { onTask = () => {}, onRevertFailed = () => {} } = options;
  const { journal = NOTHING, progress = FROM_THE_START } = options;
  const begun = [...progress.begun];
  if (progress.direction === 'forward') {
    try {
      return await execute(flow);
    } catch (failure) {
      journal.turnBack();
      await revert();
      throw failure;
    }
  }
  await revert();
  throw new FlowFailed(begun.at(-1) ?? 'the flow', 'the controller ended while it was being reverted');

  async function execute(part: Flow): Promise<void> {
    if ('sequence' in part) {
      for (const inner of part.sequence) await execute(inner);
      return;
    }
    if ('together' in part) {
      // All must have ended before anything is reverted.
      const outcomes = await Promise.allSettled(part.together.map(execute));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed) throw failed.reason;
      return;
    }
    const key = taskKey(part);
    if (progress.done.has(key)) return;
    if (!begun.includes(key)) begun.push(key);
    journal.begin(key);
    const startedMs = performance.now();
    try {
      await part.execute();
    } catch (cause) {
      throw new FlowFailed(part.name, cause);
    }
    journal.end(key);
    onTask({ name: part.name, durationMs: performance.now() - startedMs });
  }

  async function revert(): Promise<void> {
    const tasks = new Map(tasksOf(flow).map((task) => [taskKey(task), task]));
    for (const key of begun.toReversed()) {
      await tasks
        .get(key)
        ?.revert?.()
        .catch((error: unknown) => onRevertFailed(key, error));
    }
  }
}

/** All tasks of a flow. */
export function tasksOf(flow: Flow): readonly Task[] {
  if ('sequence' in flow) return flow.sequence.flatMap(tasksOf);
  if ('together' in flow) return flow.together.flatMap(tasksOf);
  return [flow];
}

/** A task's name in its flow. */
function taskKey({ name, of }: Task): string {
  return of ? `${of}-${name}` : name;
}
