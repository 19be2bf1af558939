import type { Deployment } from '../domain/deployment.ts';
import type { FlowRequest } from '../domain/flow-request.ts';

/** Progress of a flow: forward, or back after a failure. */
export interface JournalledFlow {
  readonly id: string;
  readonly loadBalancerId: string;
  readonly request: FlowRequest;
  readonly direction: 'forward' | 'back';
  /** Tasks that were begun, in that order, by their names in the flow. */
  readonly begun: readonly string[];
  readonly done: ReadonlySet<string>;
}

/**
 * What the controller keeps over a crash: load balancers, unfinished flows, and
 * secrets. Every call is durable when it returns.
 */
export interface Store extends Disposable {
  deployments(): readonly Deployment[];
  put(deployment: Deployment): void;
  remove(loadBalancerId: string): void;

  /** Flows that were begun and have not ended, the oldest first. */
  unfinished(): readonly JournalledFlow[];
  beginFlow(flow: Pick<JournalledFlow, 'id' | 'loadBalancerId' | 'request'>): void;
  beginTask(flowId: string, task: string): void;
  endTask(flowId: string, task: string): void;
  turnBack(flowId: string): void;
  endFlow(flowId: string): void;

  secret(name: string): string | undefined;
  keepSecret(name: string, text: string): void;

  /** All of it or nothing. */
  atomically<T>(work: () => T): T;
}
