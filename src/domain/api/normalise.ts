import { createHash } from 'node:crypto';
import { networkOf } from '../address.ts';
import type { L7Policy, Listener, LoadBalancer, Pool } from '../load-balancer.ts';
import { InvalidLoadBalancer } from './invalid.ts';
import type { Given } from './schema.ts';

/** Every object with an id, the policies in their order, and all pools in one place, wherever they stood. */
export function normalise(input: Given['loadBalancer']): LoadBalancer {
  const pools = new Pools(input.pools);
  const listeners = input.listeners.map((given, n) => listenerOf(given, `listeners/${n}`, pools));
  return {
    id: input.id ?? placeId('loadbalancer'),
    name: input.name ?? 'lb1',
    project_id: input.project_id ?? '-',
    topology: input.topology,
    vip_address: input.vip_address,
    subnet: subnetOf(input),
    additional_vips: input.additional_vips
      .map((given) => ({ ip_address: given.ip_address, ...subnetOf(given) }))
      // Upstream's order, whatever the file's.
      .sort((a, b) => (a.ip_address < b.ip_address ? -1 : 1)),
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
    ...(given.subnet_cidr && { subnet_cidr: networkOf(given.subnet_cidr) }),
    ...(given.gateway_ip && { gateway_ip: given.gateway_ip }),
  };
}

/** Names are looked up once every pool is known: others may stand further down in the file. */
type Later<T> = () => T;

function listenerOf(given: Given['listener'], place: string, pools: Pools): Later<Listener> {
  const { default_pool, default_pool_id, insert_headers, l7policies, ...rest } = given;
  const defaultPool = pools.refer(default_pool, default_pool_id, `${place}/default_pool`);
  const policies = l7policies.map((entry, n) => policyOf(entry, `${place}/l7policies/${n}`, pools));
  return () => ({
    ...rest,
    id: given.id ?? placeId(place),
    default_pool_id: defaultPool(),
    insert_headers: Object.fromEntries(
      Object.entries(insert_headers ?? {}).map(([header, value]) => [header, String(value)]),
    ),
    l7policies: policies
      .map((make) => make())
      .sort((a, b) => (a.position ?? Number.MAX_SAFE_INTEGER) - (b.position ?? Number.MAX_SAFE_INTEGER)),
  });
}

function policyOf(given: Given['policy'], place: string, pools: Pools): Later<L7Policy> {
  const { redirect_pool, redirect_pool_id, rules, ...rest } = given;
  const redirectPool = pools.refer(redirect_pool, redirect_pool_id, `${place}/redirect_pool`);
  return () => ({
    ...rest,
    id: given.id ?? placeId(place),
    redirect_pool_id: redirectPool(),
    rules: rules.map((entry, n) => ({ ...entry, id: entry.id ?? placeId(`${place}/rules/${n}`) })),
  });
}

/** The load balancer's pools, those nested in listeners and policies among them. */
class Pools {
  readonly all: Pool[] = [];

  constructor(given: readonly Given['pool'][]) {
    for (const [n, entry] of given.entries()) this.#add(entry, `pools/${n}`);
  }

  /** The id of the pool that is nested at a place, or referred to there. */
  refer(
    nested: Given['poolOrReference'] | undefined,
    wantedId: string | undefined,
    place: string,
  ): Later<string | undefined> {
    if (nested && 'protocol' in nested) {
      const { id } = this.#add(nested, place);
      return () => id;
    }
    if (nested && 'name' in nested) return () => this.#find('name', nested.name, place);
    const id = nested?.id ?? wantedId;
    return () => (id === undefined ? undefined : this.#find('id', id, place));
  }

  #find(key: 'id' | 'name', wanted: string, place: string): string {
    const found = this.all.find((pool) => pool[key] === wanted);
    if (found) return found.id;
    const known = this.all.map((pool) => pool[key]).filter((value) => value !== undefined);
    const field = place.replaceAll(/\/(\d+)/g, '[$1]').replaceAll('/', '.');
    throw new InvalidLoadBalancer(
      `${field}: no pool is called "${wanted}"${known.length > 0 ? `; there are ${known.join(', ')}` : ''}`,
    );
  }

  #add(given: Given['pool'], place: string): Pool {
    const added = {
      ...given,
      id: given.id ?? placeId(place),
      members: given.members.map((entry, n) => ({
        ...entry,
        id: entry.id ?? placeId(`${place}/members/${n}`),
      })),
      healthmonitor: given.healthmonitor && {
        ...given.healthmonitor,
        id: given.healthmonitor.id ?? placeId(`${place}/healthmonitor`),
      },
    };
    this.all.push(added);
    return added;
  }
}

/** A UUID (RFC 9562, version 8) that says nothing but where the object stands. */
function placeId(place: string): string {
  const hex = createHash('sha256').update(`amphora-testbed ${place}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
