import { freeAddresses } from './free-addresses.ts';
import { contains, ipVersion, networkOf } from './schema/address.ts';

/** A route that a subnet asks its hosts to install. */
export interface HostRoute {
  readonly destination: string;
  readonly nexthop: string;
}

/** An address that moves between the amphorae, and the subnet that it lives in. */
export interface VirtualAddress {
  readonly ip_address: string;
  readonly subnet_cidr: string;
  /** A subnet may have none. */
  readonly gateway_ip: string | undefined;
  readonly host_routes: readonly HostRoute[];
}

/** The VIP and its port in the cloud's network. */
export interface Vip extends VirtualAddress {
  readonly port_id: string;
}

type Subnet = Pick<VirtualAddress, 'subnet_cidr' | 'gateway_ip'>;

/**
 * An address with the subnet that its file left out: the known one in which it lies, or else what a subnet
 * commonly is, /24 or /64 with the first free host as gateway.
 *
 * @param taken addresses that are in use, and cannot be a gateway's
 */
export function inSubnet(
  given: Pick<VirtualAddress, 'ip_address' | 'host_routes'> & Partial<Subnet>,
  known: readonly Subnet[],
  taken: readonly string[] = [],
): VirtualAddress {
  const { ip_address, host_routes, gateway_ip } = given;
  if (given.subnet_cidr) return { ip_address, host_routes, gateway_ip, subnet_cidr: given.subnet_cidr };
  const found = known.find((subnet) => contains(subnet.subnet_cidr, ip_address));
  const subnet_cidr =
    found?.subnet_cidr ?? networkOf(`${ip_address}/${ipVersion(ip_address) === 4 ? 24 : 64}`);
  return {
    ...{ ip_address, host_routes, subnet_cidr },
    gateway_ip: gateway_ip ?? (found ? found.gateway_ip : gatewayIn(subnet_cidr, [ip_address, ...taken])),
  };
}

/** The first free host of a subnet. @throws InvalidLoadBalancer */
export function gatewayIn(subnet_cidr: string, taken: readonly string[]): string {
  const [gateway = ''] = freeAddresses(subnet_cidr, taken, { count: 1, what: 'a gateway', usual: [] });
  return gateway;
}

/**
 * The routing table of each VIP, so that its replies leave by its own gateway. It is 1, as upstream has it for all;
 * a further subnet of the same version of IP has the next one, as a table has one default route for each version.
 */
export function routingTables(
  vips: readonly Pick<VirtualAddress, 'ip_address' | 'subnet_cidr'>[],
): readonly number[] {
  const subnets = { 4: [] as string[], 6: [] as string[] };
  return vips.map(({ ip_address, subnet_cidr }) => {
    const known = subnets[ipVersion(ip_address)];
    if (!known.includes(subnet_cidr)) known.push(subnet_cidr);
    return known.indexOf(subnet_cidr) + 1;
  });
}
