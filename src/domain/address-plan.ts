import { freeAddresses } from './free-addresses.ts';
import type { LoadBalancer } from './load-balancer.ts';
import { canonical } from './schema/address.ts';
import { gatewayIn, inSubnet, type VirtualAddress } from './vip.ts';

/** Host numbers of amphorae where they are free: first those of the pair, then those of replacements. */
const USUAL_HOSTS = [3, 7, 21, 22, 23, 24, 25, 26, 27, 28, 29];

/** Where a load balancer's VIPs are, and which addresses are not free for amphorae. */
export interface AddressPlan {
  readonly vip: VirtualAddress;
  readonly additionalVips: readonly VirtualAddress[];
  /** VIPs, gateways, next hops and members. */
  readonly taken: readonly string[];
}

/**
 * Completes the addresses of a file.
 *
 * @param usual the VIP where the file gives none, and the subnets that are known
 * @throws InvalidLoadBalancer when a subnet has no room for a gateway
 */
export function addressPlan(
  loadBalancer: LoadBalancer,
  usual: {
    readonly vip: string;
    readonly subnets: readonly Pick<VirtualAddress, 'subnet_cidr' | 'gateway_ip'>[];
  },
): AddressPlan {
  const members = loadBalancer.pools.flatMap((pool) => pool.members.map((member) => member.address));
  const ip_address = loadBalancer.vip_address ?? usual.vip;
  const others = [ip_address, ...loadBalancer.additional_vips.map((vip) => vip.ip_address), ...members];
  const known = usual.subnets.map(({ subnet_cidr, gateway_ip }) => ({
    subnet_cidr,
    gateway_ip:
      gateway_ip && others.map(canonical).includes(gateway_ip) ? gatewayIn(subnet_cidr, others) : gateway_ip,
  }));
  const vip = inSubnet({ ...loadBalancer.subnet, ip_address }, known, others);
  const additionalVips = loadBalancer.additional_vips.map((entry) =>
    inSubnet(entry, [vip, ...known], others),
  );
  const subnets = [vip, ...additionalVips];
  const nextHops = subnets.flatMap((entry) => [
    ...(entry.gateway_ip ? [entry.gateway_ip] : []),
    ...entry.host_routes.map((route) => route.nexthop),
  ]);
  return { vip, additionalVips, taken: [...others, ...nextHops] };
}

/**
 * The amphorae's own addresses in the VIP's subnet: never a VIP's, a member's, a gateway's, and no network or
 * broadcast address.
 *
 * @param others addresses of further amphorae
 * @throws InvalidLoadBalancer when the subnet is too small
 */
export function amphoraAddresses(
  { vip, taken }: AddressPlan,
  count: number,
  others: readonly string[] = [],
): string[] {
  return freeAddresses(vip.subnet_cidr, [...taken, ...others], {
    count,
    usual: USUAL_HOSTS,
    what: count === 1 ? 'an amphora' : `${count} amphorae`,
  });
}
