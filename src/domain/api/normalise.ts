import type { L7Policy, L7Rule, Listener, LoadBalancer } from '../load-balancer.ts';
import { renumbered } from '../objects.ts';
import type { Given } from '../schema/schema.ts';
import { additionalVips } from './additional-vips.ts';
import { encrypted, terminatesTls } from './defaults.ts';
import { targetOf } from './policy-target.ts';
import { fieldOf, type Later, type Naming, Pools } from './pools.ts';

/** Every object with an id, the policies in their order, and all pools in one place, wherever they stood. */
export function normalise(input: Given['loadBalancer'], naming: Naming): LoadBalancer {
  const pools = new Pools([], naming);
  for (const [n, entry] of input.pools.entries()) pools.add(entry, `pools/${n}`);
  const listeners = input.listeners.map((given, n) => listenerOf(given, `listeners/${n}`, pools, naming));
  const { description, tags, provider, flavor_id, availability_zone } = input;
  const { vip_network_id, vip_subnet_id, vip_port_id, vip_qos_policy_id, vip_sg_ids } = input;
  return {
    ...{ description, tags, provider, flavor_id, availability_zone },
    ...{ vip_network_id, vip_subnet_id, vip_port_id, vip_qos_policy_id, vip_sg_ids },
    id: input.id ?? naming('loadbalancer'),
    name: input.name ?? '',
    project_id: input.project_id ?? input.tenant_id ?? '-',
    topology: input.topology ?? 'ACTIVE_STANDBY',
    vip_address: input.vip_address,
    subnet: subnetOf(input),
    additional_vips: additionalVips(input),
    amphorae: input.amphorae,
    admin_state_up: input.admin_state_up,
    listeners: listeners.map((make) => make()),
    pools: pools.all,
  };
}

function subnetOf(
  given: Pick<Given['loadBalancer'], 'subnet_cidr' | 'gateway_ip' | 'host_routes'>,
): LoadBalancer['subnet'] {
  return {
    host_routes: given.host_routes,
    ...(given.subnet_cidr && { subnet_cidr: given.subnet_cidr }),
    ...(given.gateway_ip && { gateway_ip: given.gateway_ip }),
  };
}

export function listenerOf(
  given: Given['listener'],
  place: string,
  pools: Pools,
  naming: Naming,
): Later<Listener> {
  const { default_pool, default_pool_id, insert_headers, l7policies, ...rest } = given;
  const defaultPool = pools.refer(default_pool, default_pool_id, `${place}/default_pool`);
  const policies = l7policies.map((entry, n) => ({
    position: entry.position,
    make: policyOf(entry, `${place}/l7policies/${n}`, pools, naming),
  }));
  return () => ({
    ...encrypted(rest, terminatesTls(given)),
    id: given.id ?? naming(place),
    default_pool_id: defaultPool(),
    insert_headers: insert_headers ?? {},
    l7policies: policies.reduce<L7Policy[]>(
      (known, { make, position }) => inserted(known, make(), position),
      [],
    ),
  });
}

export function policyOf(
  given: Given['policy'],
  place: string,
  pools: Pools,
  naming: Naming,
): Later<L7Policy> {
  const { redirect_pool, redirect_pool_id, rules, position: _, ...rest } = given;
  const redirectPool = pools.refer(redirect_pool, redirect_pool_id, `${place}/redirect_pool`);
  return () => ({
    ...rest,
    ...targetOf({ ...rest, redirect_pool_id: redirectPool() }, fieldOf(place)),
    id: given.id ?? naming(place),
    // Its listener gives it one.
    position: 1,
    rules: rules.map((entry, n) => ruleOf(entry, `${place}/rules/${n}`, naming)),
  });
}

export function ruleOf(given: Given['rule'], place: string, naming: Naming): L7Rule {
  return { ...given, id: given.id ?? naming(place) };
}

/**
 * A listener's policies with one more. It moves on the one that has its position and all behind; a position past
 * the end is the end, and the positions that follow have no gaps (octavia/db/repositories.py, L7PolicyRepository).
 *
 * @param wanted the end, where absent
 */
export function inserted(
  policies: readonly L7Policy[],
  policy: L7Policy,
  wanted: number | undefined,
): L7Policy[] {
  return renumbered(policies.toSpliced((wanted ?? policies.length + 1) - 1, 0, policy));
}
