import * as z from 'zod/mini';
import { routingTables } from '../domain/vip.ts';
import { exploded, isAddress, isIpv6, prefixLength, prefixLengthOf } from './addresses.ts';
import { Refused } from './answer.ts';

/** Absent and null both stand for none. */
function listOf<T extends z.core.SomeType>(item: T) {
  return z.pipe(
    z.nullish(z.array(item)),
    z.transform((items) => items ?? []),
  );
}

const address = z.string().check(z.refine(isAddress));
const hostRoutes = listOf(
  z.object({
    destination: z.string().check(z.refine((text) => prefixLengthOf(text) !== undefined)),
    nexthop: address,
  }),
);
const mtu = z.nullish(z.int().check(z.minimum(68), z.maximum(65_535)));
const subnet = {
  subnet_cidr: z.string(),
  host_routes: hostRoutes,
};

export const vipRequest = z.object({
  ...subnet,
  // A subnet may have none, and must say so.
  gateway: z.nullable(address),
  mac_address: z.string(),
  mtu,
  vrrp_ip: z.nullish(z.string()),
  additional_vips: listOf(z.object({ ...subnet, gateway: z.nullish(address), ip_address: z.string() })),
});

export const networkRequest = z.object({
  mac_address: z.string(),
  mtu,
  fixed_ips: listOf(z.object({ ...subnet, ip_address: z.string() })),
});

/** A plugged interface as it is kept over reboots: all that brings it back. */
export interface PluggedInterface {
  readonly name: string;
  readonly mac_address: string;
  readonly mtu?: number;
  /** With prefix length. */
  readonly addresses: readonly string[];
  /** Arguments of `ip route replace`. */
  readonly routes: readonly string[];
  /** Arguments of `ip rule add`. */
  readonly rules: readonly string[];
}

/** Whether keepalived moves the VIP, or the one amphora holds it (octavia.conf, loadbalancer_topology). */
export type Topology = 'SINGLE' | 'ACTIVE_STANDBY';

/** The addresses of a request for a member network. */
export function addressesOf({ fixed_ips }: z.output<typeof networkRequest>): string[] {
  return fixed_ips.map((entry) => entry.ip_address);
}

/** The VIPs of a request, written in full. @throws Refused */
export function vipsOf(vip: string, { additional_vips }: z.output<typeof vipRequest>): string[] {
  return [vip, ...additional_vips.map((entry) => entry.ip_address)].map((text) =>
    exploded(text, 'Invalid VIP'),
  );
}

/**
 * The interface on the VIP's network (octavia/amphorae/backends/utils/interface_file.py, VIPInterfaceFile):
 * the amphora's own address, and where there is no keepalived to bring them, the VIPs with a table of their
 * own, so that replies leave by the VIP's network.
 *
 * @throws Refused when an address or subnet of the request is none
 */
export function describeVip(
  name: string,
  vip: string,
  request: z.output<typeof vipRequest>,
  topology: Topology,
): PluggedInterface {
  const { mac_address, vrrp_ip } = request;
  const vips = [{ ...request, ip_address: vip }, ...request.additional_vips].map((entry) => {
    exploded(entry.ip_address, 'Invalid VIP');
    return { ...entry, prefix: prefixLength(entry.subnet_cidr, 'Invalid VIP') };
  });
  if (vrrp_ip) exploded(vrrp_ip, 'Invalid VRRP Address');
  const single = topology === 'SINGLE';
  const tables = routingTables(vips);
  const own = vrrp_ip ? [`${vrrp_ip}/${vips[0]?.prefix}`] : [];
  return {
    name,
    mac_address,
    ...(request.mtu ? { mtu: request.mtu } : {}),
    addresses: [...own, ...(single ? vips.map(({ ip_address }) => host(ip_address)) : [])],
    routes: vips.flatMap(({ ip_address, subnet_cidr, gateway, host_routes }, index) => [
      // The kernel makes this one for the amphora's own address.
      ...(index === 0 && vrrp_ip ? [] : [`${subnet_cidr} dev ${name} scope link`]),
      // Members are reached by the first VIP's gateway, replies go by each VIP's own.
      ...(gateway && vips.findIndex((vip) => vip.gateway && isIpv6(vip.gateway) === isIpv6(gateway)) === index
        ? [`default via ${gateway} dev ${name} onlink`]
        : []),
      ...host_routes.map(({ destination, nexthop }) => `${destination} via ${nexthop} dev ${name} onlink`),
      ...(single
        ? [
            `${subnet_cidr} dev ${name} src ${ip_address} scope link table ${tables[index]}`,
            ...(gateway ? [`default via ${gateway} dev ${name} onlink table ${tables[index]}`] : []),
            ...host_routes.map(
              ({ destination, nexthop }) =>
                `${destination} via ${nexthop} dev ${name} onlink table ${tables[index]}`,
            ),
          ]
        : []),
    ]),
    rules: single
      ? vips.map(({ ip_address }, index) => `from ${host(ip_address)} table ${tables[index]} priority 100`)
      : [],
  };
}

/**
 * The interface on a member network (interface_file.py, PortInterfaceFile).
 *
 * @throws Refused when an address or subnet of the request is none
 */
export function describeNetwork(name: string, request: z.output<typeof networkRequest>): PluggedInterface {
  const { mac_address, fixed_ips } = request;
  const fixed = fixed_ips.map((entry) => ({ ...entry, prefix: prefixLengthOf(entry.subnet_cidr) }));
  if (fixed.some(({ ip_address, prefix }) => !isAddress(ip_address) || prefix === undefined)) {
    throw new Refused(400, { message: 'Invalid network port' });
  }
  return {
    name,
    mac_address,
    ...(request.mtu ? { mtu: request.mtu } : {}),
    addresses: fixed.map(({ ip_address, prefix }) => `${ip_address}/${prefix}`),
    routes: fixed.flatMap(({ host_routes }) =>
      host_routes.map(({ destination, nexthop }) => `${destination} via ${nexthop} dev ${name} onlink`),
    ),
    rules: [],
  };
}

function host(address: string): string {
  return `${address}/${isIpv6(address) ? 128 : 32}`;
}
