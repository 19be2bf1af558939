import type { LoadBalancer } from '../load-balancer.ts';
import { contains, ipVersion } from '../schema/address.ts';
import { refuse } from '../schema/invalid.ts';

type Subnet = LoadBalancer['subnet'];

/**
 * Contradictory addresses: outside their subnet, of another version of IP, or taken.
 *
 * @throws InvalidLoadBalancer
 */
export function refuseAddresses(loadBalancer: LoadBalancer): void {
  const { vip_address, subnet, additional_vips } = loadBalancer;
  const vips = [
    { prefix: '', field: 'vip_address', ip_address: vip_address, ...subnet },
    ...additional_vips.map((vip, n) => ({
      prefix: `additional_vips[${n}].`,
      field: `additional_vips[${n}].ip_address`,
      ...vip,
    })),
  ];
  const known = new Map<string, string>();
  for (const { field, prefix, ip_address, ...rest } of vips) {
    refuseSubnet(rest, prefix);
    if (!ip_address) continue;
    if (rest.subnet_cidr && !contains(rest.subnet_cidr, ip_address)) {
      refuse(field, `must lie in its subnet_cidr ${rest.subnet_cidr}; found ${ip_address}`);
    }
    if (ip_address === rest.gateway_ip) refuse(field, `${ip_address} is the address of the gateway`);
    const other = known.get(ip_address);
    if (other) refuse(field, `${ip_address} is ${other} already`);
    known.set(ip_address, field);
  }
  refuseSharedSubnets(loadBalancer);
  refuseAmphorae(loadBalancer);
}

function refuseSubnet({ subnet_cidr, gateway_ip, host_routes }: Subnet, prefix: string): void {
  if (subnet_cidr && gateway_ip && !contains(subnet_cidr, gateway_ip)) {
    refuse(`${prefix}gateway_ip`, `must lie in subnet_cidr ${subnet_cidr}; found ${gateway_ip}`);
  }
  for (const [n, { destination, nexthop }] of host_routes.entries()) {
    if (ipVersion(destination) !== ipVersion(nexthop)) {
      refuse(`${prefix}host_routes[${n}].nexthop`, `must be of the IP version of ${destination}`);
    }
  }
}

/** Octavia binds one address a subnet (octavia/api/v2/controllers/load_balancer.py). */
function refuseSharedSubnets({ vip_subnet_id, additional_vips }: LoadBalancer): void {
  const known = new Set([vip_subnet_id]);
  for (const [n, { subnet_id }] of additional_vips.entries()) {
    if (subnet_id && known.has(subnet_id)) {
      refuse(`additional_vips[${n}].subnet_id`, `only one VIP can be in subnet ${subnet_id}`);
    }
    known.add(subnet_id);
  }
}

function refuseAmphorae({
  amphorae,
  topology,
  vip_address,
  subnet,
  additional_vips,
  pools,
}: LoadBalancer): void {
  if (!amphorae) return;
  const roles = amphorae.map((amphora) => amphora.role).sort();
  const wanted = topology === 'SINGLE' ? ['STANDALONE'] : ['BACKUP', 'MASTER'];
  if (roles.join() !== wanted.join()) {
    refuse('amphorae', `${topology} has one each of ${wanted.join(', ')}; found ${roles.join(', ')}`);
  }
  if (new Set(amphorae.map((amphora) => amphora.vrrp_ip)).size < amphorae.length) {
    refuse('amphorae[1].vrrp_ip', `${amphorae[1]?.vrrp_ip} is the other amphora's`);
  }
  const others = new Map([
    ...pools.flatMap((pool) => pool.members.map((member) => [member.address, 'a member'] as const)),
    [subnet.gateway_ip, 'the gateway'] as const,
    ...additional_vips.map((vip) => [vip.ip_address, 'a VIP'] as const),
    [vip_address, 'the VIP'] as const,
  ]);
  for (const [n, { vrrp_ip }] of amphorae.entries()) {
    const owner = others.get(vrrp_ip);
    if (owner) refuse(`amphorae[${n}].vrrp_ip`, `${vrrp_ip} is the address of ${owner}`);
    if (subnet.subnet_cidr && !contains(subnet.subnet_cidr, vrrp_ip)) {
      refuse(`amphorae[${n}].vrrp_ip`, `must lie in subnet_cidr ${subnet.subnet_cidr}; found ${vrrp_ip}`);
    }
  }
}
