import type { Vip } from '../domain/vip.ts';

/** The port by which an amphora joins the VIP's network. */
export interface VipPort {
  readonly portId: string;
  readonly macAddress: string;
  readonly vrrpIp: string;
  readonly mtu: number;
}

/** One permission in the VIP's security group; everything else is dropped. */
export interface SecurityGroupRule {
  /** IP protocol: `tcp`, `udp`, or a number (112 VRRP, 51 AH). */
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 112 | 51;
  /** Destination port; absent for protocols without ports. */
  readonly port?: number;
  /** Sources allowed; absent means any. */
  readonly remote?: readonly string[];
}

/**
 * What the controller needs of a cloud's network service (Neutron; the lab's switch). What is made is known by
 * the load balancer or the amphora it is for: asked again for the same, a call gives what is there.
 */
export interface NetworkService {
  allocateVip(request: { readonly loadBalancerId: string; readonly address?: string }): Promise<Vip>;
  /** Frees the VIP with its security group; a missing one is not an error. */
  deallocateVip(loadBalancerId: string): Promise<void>;
  /** Hot-plugs a NIC on the VIP's network into an instance; the agent configures it afterwards. */
  plugVipPort(request: {
    readonly computeId: string;
    readonly amphoraId: string;
    readonly vip: Vip;
  }): Promise<VipPort>;
  /** Removes an amphora's port on the VIP's network; a missing one is not an error. */
  unplugVipPort(amphoraId: string): Promise<void>;
  /** Replaces the whole rule set of the VIP's security group. */
  updateSecurityGroup(vip: Vip, rules: readonly SecurityGroupRule[]): Promise<void>;
}
