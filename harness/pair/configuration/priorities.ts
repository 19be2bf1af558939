import type { Node as PairNode } from './pair.ts';
import { type Instance, OWNER_PRIORITY, type Tracked } from './vrrp.ts';

/** What a tracked thing does to an instance's priority. */
export interface Weight extends Tracked {
  readonly value: number;
}

/** What priorities are read from. */
type Node = Pick<PairNode, 'vrrp'>;

/** keepalived's range for an instance that does not own the address. */
const PRIORITY_MIN = 1;
const PRIORITY_MAX = 254;

/**
 * The weights that count for an instance: keepalived ignores those of a sync group's member, and of the address's
 * owner (vrrp_complete_instance() of keepalived/vrrp/vrrp.c).
 */
export function weightsOf(node: Node, instance: Instance): readonly Weight[] {
  if (instance.priority.value === OWNER_PRIORITY) return [];
  return writtenWeights(node, instance).filter(({ byGroup }) => byGroup || !losesWeights(node, instance));
}

/** All weights other than 0 that are written for an instance; a script's own where the instance names none. */
export function writtenWeights(node: Node, instance: Instance): readonly Weight[] {
  return instance.tracked.flatMap((tracked) => {
    const script =
      tracked.kind === 'script' ? node.vrrp.scripts.find(({ name }) => name === tracked.name) : undefined;
    const process =
      tracked.kind === 'process' ? node.vrrp.processes.find(({ name }) => name === tracked.name) : undefined;
    const itsOwn = script?.weight ?? process?.weight;
    const value = tracked.weight ?? itsOwn?.value ?? 0;
    if (value === 0 || !tracked.defined) return [];
    const written = tracked.weight === undefined && itsOwn ? itsOwn : tracked;
    const { file, line } = written;
    return [{ ...tracked, file, line, value, reverse: tracked.reverse || (script?.reverse ?? false) }];
  });
}

/** Whether the instance is in a sync group that makes its members lose their weights. */
export function losesWeights(node: Node, instance: Instance): boolean {
  return node.vrrp.groups.some(
    ({ members, keepsWeights }) => !keepsWeights && members.some(({ value }) => value === instance.name),
  );
}

/** An instance's priority while all that it tracks is well. */
export function healthyPriority(node: Node, instance: Instance): number {
  const added = weightsOf(node, instance)
    .filter(({ value }) => value > 0)
    .reduce((sum, { value, reverse }) => sum + (reverse ? -value : value), 0);
  return within(instance.priority.value + added, instance);
}

/** An instance's priority after some of what it tracks has failed. */
export function failedPriority(node: Node, instance: Instance, failed: readonly Weight[]): number {
  const lost = failed.reduce((sum, { value, reverse }) => sum + (reverse ? -1 : 1) * Math.abs(value), 0);
  return within(healthyPriority(node, instance) - lost, instance);
}

function within(priority: number, { priority: { value } }: Instance): number {
  return value === OWNER_PRIORITY ? value : Math.min(PRIORITY_MAX, Math.max(PRIORITY_MIN, priority));
}
