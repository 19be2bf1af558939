import type { LoadBalancer } from '../domain/load-balancer.ts';
import { objectsOf, required, without } from '../domain/objects.ts';
import type { Change, PlannedChange } from '../domain/planned-change.ts';
import { Conflict } from '../domain/schema/invalid.ts';
import { planCreation } from './change-creation.ts';
import { planMembers } from './change-members.ts';
import { planUpdate } from './change-update.ts';

/**
 * What a change would make of a load balancer.
 *
 * @throws InvalidLoadBalancer when it would not be valid; Conflict among them
 * @throws NotFound
 */
export function planChange(loadBalancer: LoadBalancer, change: Change): PlannedChange {
  switch (change.action) {
    case 'create':
      return planCreation(loadBalancer, change);
    case 'update':
      return planUpdate(loadBalancer, change.id, change.value);
    case 'delete':
      return planDeletion(loadBalancer, change.id);
    case 'replace members':
      return planMembers(loadBalancer, change);
  }
}

function planDeletion(loadBalancer: LoadBalancer, id: string): PlannedChange {
  const { kind, parents } = required(loadBalancer, id);
  const policies = loadBalancer.listeners.flatMap((listener) => listener.l7policies);
  const user = kind === 'pool' && policies.find((policy) => policy.redirect_pool_id === id);
  if (user) throw new Conflict(`pool ${id} is in use by L7 policy ${user.id}`);
  const left = new Set(objectsOf(without(loadBalancer, [id])).map((entry) => entry.id));
  const deleted = objectsOf(loadBalancer)
    .map((entry) => entry.id)
    .filter((entry) => !left.has(entry));
  return { action: 'delete', object: kind, loadBalancer, created: [], updated: [], deleted, parents };
}
