import type { LoadBalancer } from '../load-balancer.ts';
import { Conflict, refuse } from '../schema/invalid.ts';
import { refuseAddresses } from './address-rules.ts';
import { refuseListener } from './listener-rules.ts';
import { refusePolicy } from './policy-rules.ts';
import { refusePool } from './pool-rules.ts';

/**
 * Checks across fields: objects that do not fit together.
 *
 * @throws InvalidLoadBalancer
 */
export function refuseContradictions(loadBalancer: LoadBalancer): void {
  const { listeners, pools } = loadBalancer;
  refuseTwice(loadBalancer);
  refuseAddresses(loadBalancer);
  for (const [n, listener] of listeners.entries()) {
    const place = `listeners[${n}]`;
    refuseListener(loadBalancer, listener, place);
    for (const [m, policy] of listener.l7policies.entries()) {
      refusePolicy(loadBalancer, listener, policy, `${place}.l7policies[${m}]`);
    }
  }
  for (const pool of pools) refusePool(loadBalancer, pool, `pool ${pool.name || pool.id}`);
}

function refuseTwice({ listeners, pools }: LoadBalancer): void {
  const names = new Set<string>();
  for (const { name } of pools) {
    // Pools are referred to by name.
    if (name && names.has(name)) refuse('pools', `the name ${name} is used twice`);
    if (name) names.add(name);
  }
  const policies = listeners.flatMap((entry) => entry.l7policies);
  const ids = [
    ...listeners,
    ...policies,
    ...policies.flatMap((entry) => entry.rules),
    ...pools,
    ...pools.flatMap((entry) => entry.members),
  ].map((entry) => entry.id);
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw new Conflict(`id: ${id} is used twice`);
    seen.add(id);
  }
}
