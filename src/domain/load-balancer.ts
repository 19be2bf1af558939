import type { Given } from './schema/schema.ts';
import type { VirtualAddress } from './vip.ts';

type Identified<T> = Omit<T, 'id'> & { readonly id: string };
export type Member = Identified<Given['member']>;
/** The fields of HTTP and HTTPS checks are filled in for all. */
export type HealthMonitor = Identified<
  Omit<Given['healthMonitor'], 'http_method' | 'url_path' | 'expected_codes'>
> & {
  readonly http_method: NonNullable<Given['healthMonitor']['http_method']>;
  readonly url_path: string;
  readonly expected_codes: string;
};
export type L7Rule = Identified<Given['rule']>;
export type Pool = Identified<Omit<Given['pool'], 'members' | 'healthmonitor'>> & {
  readonly members: readonly Member[];
  readonly healthmonitor: HealthMonitor | undefined;
};
export type L7Policy = Identified<
  Omit<Given['policy'], 'rules' | 'redirect_pool' | 'redirect_pool_id' | 'position'>
> & {
  readonly rules: readonly L7Rule[];
  readonly redirect_pool_id: string | undefined;
  /** From 1, without gaps. */
  readonly position: number;
};
export type Listener = Identified<
  Omit<Given['listener'], 'l7policies' | 'default_pool' | 'default_pool_id' | 'insert_headers'>
> & {
  /** In the order of evaluation. */
  readonly l7policies: readonly L7Policy[];
  readonly default_pool_id: string | undefined;
  readonly insert_headers: Readonly<Record<string, string>>;
};

/** A subnet as far as the file describes it. */
type GivenSubnet = Pick<VirtualAddress, 'host_routes'> &
  Partial<Pick<VirtualAddress, 'subnet_cidr' | 'gateway_ip'>>;

/** Fields of a load balancer that are only kept and answered. */
export type Described = Pick<
  Given['loadBalancer'],
  | 'description'
  | 'tags'
  | 'provider'
  | 'flavor_id'
  | 'availability_zone'
  | 'vip_network_id'
  | 'vip_subnet_id'
  | 'vip_port_id'
  | 'vip_qos_policy_id'
  | 'vip_sg_ids'
>;

/** A load balancer as the API describes it, with every default filled in, and pools in one place. */
export interface LoadBalancer extends Described {
  readonly id: string;
  readonly name: string;
  /** A dash where it is not given. */
  readonly project_id: string;
  readonly topology: 'ACTIVE_STANDBY' | 'SINGLE';
  readonly vip_address: string | undefined;
  /** The VIP's subnet, where the file names one. */
  readonly subnet: GivenSubnet;
  readonly additional_vips: readonly (GivenSubnet & {
    readonly ip_address: string;
    readonly subnet_id?: string | undefined;
    readonly port_id?: string | undefined;
  })[];
  readonly amphorae: readonly Given['amphora'][] | undefined;
  readonly admin_state_up: boolean;
  readonly listeners: readonly Listener[];
  readonly pools: readonly Pool[];
}
