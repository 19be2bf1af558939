import type { FlowRequest } from '../domain/flow-request.ts';

/** A flow that failed and was reverted, or a task of it that could not be. */
export interface FlowFailure {
  readonly flow: FlowRequest['flow'];
  readonly loadBalancerId: string;
  /** The task whose way back failed; absent for the failure of the flow itself. */
  readonly reverting?: string;
  readonly error: unknown;
}

export type FlowListener = (failure: FlowFailure) => void;

/** A failure in one line, for a log: the load balancer, the flow, its task, the amphora and the cause. */
export function flowFailureLine({ flow, loadBalancerId, reverting, error }: FlowFailure): string {
  const what = reverting ? `${reverting} could not be reverted: ` : '';
  const reason = error instanceof Error ? error.message : String(error);
  return `load balancer ${loadBalancerId}: ${flow}: ${what}${reason}`.trim().replaceAll(/\s*\n\s*/g, ' | ');
}
