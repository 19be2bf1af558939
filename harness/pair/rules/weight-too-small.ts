import { nodeOf, type Pair, sharedRouters, type VirtualRouter } from '../configuration/pair.ts';
import { failedPriority, healthyPriority, type Weight, weightsOf } from '../configuration/priorities.ts';
import type { Instance } from '../configuration/vrrp.ts';
import type { Found } from '../rule.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A failed check cannot move the virtual address: its weight is too small.',

  check: (pair) =>
    sharedRouters(pair).flatMap((router) => router.flatMap((instance) => judge(pair, router, instance))),
});

/** An instance against those that could take over from it: the healthy ones below. */
function judge(pair: Pair, router: VirtualRouter, instance: Instance): readonly Found[] {
  const node = nodeOf(pair, instance);
  const own = healthyPriority(node, instance);
  const below = router
    .map((other) => ({ node: other.node, priority: healthyPriority(nodeOf(pair, other), other) }))
    .filter(({ priority }) => priority < own)
    .sort((a, b) => b.priority - a.priority);
  const [next] = below;
  if (!next) return [];
  const weights = weightsOf(node, instance);
  return weights
    .filter((weight) => failedPriority(node, instance, [weight]) >= next.priority)
    .filter((weight) => weight.kind === 'script' || failedPriority(node, instance, weights) >= next.priority)
    .map((weight) => found(instance, weight, own, failedPriority(node, instance, [weight]), next));
}

function found(
  instance: Instance,
  { name, value, file, line }: Weight,
  own: number,
  failed: number,
  next: { readonly node: string; readonly priority: number },
): Found {
  const still = failed > next.priority ? 'still above' : 'not below';
  const needed = own - next.priority;
  return {
    ...{ file, line },
    message: `${name} fails on ${instance.node}: the VIP does not move. Its weight is ${value}: ${own} − ${Math.abs(value)} = ${failed} is ${still} ${next.priority} of ${next.node}.`,
    advice: `Give it a weight below −${needed}, or none: without a weight a failed check puts the instance into the fault state.`,
  };
}
