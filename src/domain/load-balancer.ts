import { InvalidLoadBalancer } from './api/invalid.ts';
import { normalise } from './api/normalise.ts';
import { refuseContradictions } from './api/rules.ts';
import { type Given, loadBalancerSchema } from './api/schema.ts';
import { sentence } from './api/sentence.ts';
import type { VirtualAddress } from './vip.ts';

export { InvalidLoadBalancer };

type Identified<T> = Omit<T, 'id'> & { readonly id: string };
export type Member = Identified<Given['member']>;
export type HealthMonitor = Identified<Given['healthMonitor']>;
export type L7Rule = Identified<Given['rule']>;
export type Pool = Identified<Omit<Given['pool'], 'members' | 'healthmonitor'>> & {
  readonly members: readonly Member[];
  readonly healthmonitor: HealthMonitor | undefined;
};
export type L7Policy = Identified<Omit<Given['policy'], 'rules' | 'redirect_pool' | 'redirect_pool_id'>> & {
  readonly rules: readonly L7Rule[];
  readonly redirect_pool_id: string | undefined;
};
export type Listener = Identified<
  Omit<Given['listener'], 'l7policies' | 'default_pool' | 'default_pool_id' | 'insert_headers'>
> & {
  /** In the order in which they are tried. */
  readonly l7policies: readonly L7Policy[];
  readonly default_pool_id: string | undefined;
  readonly insert_headers: Readonly<Record<string, string>>;
};

/** A subnet as far as the file describes it. */
type GivenSubnet = Pick<VirtualAddress, 'host_routes'> &
  Partial<Readonly<{ subnet_cidr: string; gateway_ip: string }>>;

/** A load balancer as the API describes it, with every default filled in, and pools in one place. */
export interface LoadBalancer {
  readonly id: string;
  readonly name: string;
  readonly topology: 'ACTIVE_STANDBY' | 'SINGLE';
  readonly vip_address: string | undefined;
  /** The VIP's subnet, where the file names one. */
  readonly subnet: GivenSubnet;
  readonly additional_vips: readonly (GivenSubnet & { readonly ip_address: string })[];
  readonly amphorae: readonly Given['amphora'][] | undefined;
  readonly admin_state_up: boolean;
  readonly listeners: readonly Listener[];
  readonly pools: readonly Pool[];
}

/**
 * Reads the JSON of Octavia's API v2 for a fully populated load balancer, with or without the enclosing
 * `loadbalancer`. Objects without an id get one that depends on their place alone, so that equal files
 * give equal configurations.
 *
 * @throws InvalidLoadBalancer
 */
export function parseLoadBalancer(json: unknown): LoadBalancer {
  const enclosed = json !== null && typeof json === 'object' && 'loadbalancer' in json;
  const result = loadBalancerSchema.safeParse(withoutNulls(enclosed ? json.loadbalancer : json), {
    reportInput: true,
  });
  if (!result.success) throw new InvalidLoadBalancer(sentence(result.error.issues));
  const loadBalancer = normalise(result.data);
  refuseContradictions(loadBalancer);
  return loadBalancer;
}

/** The API answers null for whatever is not set. */
function withoutNulls(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutNulls);
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, withoutNulls(value)]),
  );
}
