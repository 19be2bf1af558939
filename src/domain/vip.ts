import { contains, hostOf, ipVersion, networkOf } from './address.ts';

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
  readonly gateway_ip: string;
}

/**
 * An address with the subnet that its file left out: the known one in which it lies, or else what a subnet
 * commonly is, /24 or /64 with the first host as gateway.
 */
export function inSubnet(
  given: Pick<VirtualAddress, 'ip_address' | 'host_routes'> &
    Partial<Pick<VirtualAddress, 'subnet_cidr' | 'gateway_ip'>>,
  known: readonly Pick<VirtualAddress, 'subnet_cidr' | 'gateway_ip'>[],
): VirtualAddress {
  const { ip_address, host_routes, gateway_ip } = given;
  if (given.subnet_cidr) return { ip_address, host_routes, gateway_ip, subnet_cidr: given.subnet_cidr };
  const found = known.find((subnet) => contains(subnet.subnet_cidr, ip_address));
  const subnet_cidr =
    found?.subnet_cidr ?? networkOf(`${ip_address}/${ipVersion(ip_address) === 4 ? 24 : 64}`);
  return {
    ip_address,
    host_routes,
    subnet_cidr,
    gateway_ip: gateway_ip ?? (found ? found.gateway_ip : hostOf(subnet_cidr, 1)),
  };
}
