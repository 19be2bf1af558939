import type { L7Policy, Listener, LoadBalancer, Pool } from './load-balancer.ts';

/** The objects of a load balancer, by the names of Octavia's API. */
export type ObjectKind = 'listener' | 'pool' | 'member' | 'healthmonitor' | 'l7policy' | 'l7rule';

/** An object and those it stands in or is used by, the nearest first. */
export interface Located {
  readonly kind: ObjectKind;
  readonly id: string;
  readonly value: object;
  /** Its pool, its policy, and every listener that reaches it: they are pending while it changes. */
  readonly parents: readonly string[];
}

/** Every object of a load balancer. */
export function objectsOf(loadBalancer: LoadBalancer): readonly Located[] {
  const users = (poolId: string) =>
    loadBalancer.listeners
      .filter(
        (listener) =>
          listener.default_pool_id === poolId ||
          listener.l7policies.some((policy) => policy.redirect_pool_id === poolId),
      )
      .map(({ id }) => id);
  const found = (kind: ObjectKind, value: { readonly id: string }, parents: readonly string[]): Located => ({
    kind,
    id: value.id,
    value,
    parents,
  });
  return [
    ...loadBalancer.listeners.flatMap((listener) => [
      found('listener', listener, []),
      ...listener.l7policies.flatMap((policy) => [
        found('l7policy', policy, [listener.id]),
        ...policy.rules.map((rule) => found('l7rule', rule, [policy.id, listener.id])),
      ]),
    ]),
    ...loadBalancer.pools.flatMap((pool) => {
      const listeners = users(pool.id);
      const parents = [pool.id, ...listeners];
      return [
        found('pool', pool, listeners),
        ...pool.members.map((member) => found('member', member, parents)),
        ...(pool.healthmonitor ? [found('healthmonitor', pool.healthmonitor, parents)] : []),
      ];
    }),
  ];
}

export function locate(loadBalancer: LoadBalancer, id: string): Located | undefined {
  return objectsOf(loadBalancer).find((object) => object.id === id);
}

/** There is no object of that id. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** @throws NotFound */
export function required(loadBalancer: LoadBalancer, id: string): Located {
  const located = locate(loadBalancer, id);
  if (!located) throw new NotFound(`There is no object ${id} in load balancer ${loadBalancer.id}.`);
  return located;
}

/** @throws NotFound */
export function listenerIn(loadBalancer: LoadBalancer, id: string): Listener {
  return found(loadBalancer.listeners, 'listener', id);
}

/** @throws NotFound */
export function poolIn(loadBalancer: LoadBalancer, id: string): Pool {
  return found(loadBalancer.pools, 'pool', id);
}

/** @throws NotFound */
export function policyIn(loadBalancer: LoadBalancer, id: string): L7Policy {
  const policies = loadBalancer.listeners.flatMap((listener) => listener.l7policies);
  return found(policies, 'L7 policy', id);
}

function found<T extends { readonly id: string }>(among: readonly T[], what: string, id: string): T {
  const one = among.find((entry) => entry.id === id);
  if (!one) throw new NotFound(`There is no ${what} ${id}.`);
  return one;
}

/** The load balancer with another listener, pool or policy in the place of one. */
export function replaced(
  loadBalancer: LoadBalancer,
  id: string,
  by: Listener | Pool | L7Policy,
): LoadBalancer {
  const swap = <T extends { readonly id: string }>(entry: T): T =>
    entry.id === id ? (by as unknown as T) : entry;
  return {
    ...loadBalancer,
    pools: loadBalancer.pools.map(swap),
    listeners: loadBalancer.listeners.map((listener) => {
      const swapped = swap(listener);
      return { ...swapped, l7policies: swapped.l7policies.map(swap) };
    }),
  };
}

/** The load balancer without some objects, and without references to them. */
export function without(loadBalancer: LoadBalancer, ids: readonly string[]): LoadBalancer {
  const stays = ({ id }: { readonly id: string }) => !ids.includes(id);
  const known = (id: string | undefined) => (id !== undefined && ids.includes(id) ? undefined : id);
  return {
    ...loadBalancer,
    pools: loadBalancer.pools.filter(stays).map((pool) => ({
      ...pool,
      members: pool.members.filter(stays),
      healthmonitor: pool.healthmonitor && stays(pool.healthmonitor) ? pool.healthmonitor : undefined,
    })),
    listeners: loadBalancer.listeners.filter(stays).map((listener) => ({
      ...listener,
      default_pool_id: known(listener.default_pool_id),
      l7policies: renumbered(
        listener.l7policies.filter(stays).map((policy) => ({
          ...policy,
          redirect_pool_id: known(policy.redirect_pool_id),
          rules: policy.rules.filter(stays),
        })),
      ),
    })),
  };
}

export function renumbered(policies: readonly L7Policy[]): L7Policy[] {
  return policies.map((entry, n) => ({ ...entry, position: n + 1 }));
}
