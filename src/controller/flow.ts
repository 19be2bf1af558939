/** One step of a flow; `revert` undoes it when a later step fails, and may be called after a failed `execute`. */
export interface Task {
  /** Octavia's name of the task. */
  readonly name: string;
  execute(): Promise<void>;
  revert?(): Promise<void>;
}

/** Tasks one after the other, or flows side by side (taskflow's linear_flow and unordered_flow). */
export type Flow = Task | { readonly sequence: readonly Flow[] } | { readonly together: readonly Flow[] };

/** A flow failed and was reverted; the message names the task. */
export class FlowFailed extends Error {
  override readonly name = 'FlowFailed';
  readonly task: string;

  constructor(task: string, cause: unknown) {
    super(`${task} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.task = task;
  }
}

/** Told of each task that has ended. */
export type TaskListener = (task: { readonly name: string; readonly durationMs: number }) => void;

/**
 * Runs a flow. When a task fails, all that were begun are reverted, the last first; a revert that fails does
 * not hide the first failure.
 *
 * @throws FlowFailed
 */
export async function runFlow(flow: Flow, onTask: TaskListener = () => {}): Promise<void> {
  const begun: Task[] = [];
  try {
    await execute(flow, begun, onTask);
  } catch (failure) {
    for (const task of begun.reverse()) await task.revert?.().catch(() => {});
    throw failure;
  }
}

async function execute(flow: Flow, begun: Task[], onTask: TaskListener): Promise<void> {
  if ('sequence' in flow) {
    for (const part of flow.sequence) await execute(part, begun, onTask);
    return;
  }
  if ('together' in flow) {
    // All must have ended before anything is reverted.
    const outcomes = await Promise.allSettled(flow.together.map((part) => execute(part, begun, onTask)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    return;
  }
  begun.push(flow);
  const startedMs = performance.now();
  try {
    await flow.execute();
  } catch (cause) {
    throw new FlowFailed(flow.name, cause);
  }
  onTask({ name: flow.name, durationMs: performance.now() - startedMs });
}
