import type { LoadBalancer } from '../domain/load-balancer.ts';

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
      l7policies: listener.l7policies.filter(stays).map((policy) => ({
        ...policy,
        redirect_pool_id: known(policy.redirect_pool_id),
        rules: policy.rules.filter(stays),
      })),
    })),
  };
}
