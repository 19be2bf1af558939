import { freeAddresses } from '../free-addresses.ts';
import type { LoadBalancer } from '../load-balancer.ts';
import { contains } from '../schema/address.ts';
import { refuse } from '../schema/invalid.ts';
import type { Given } from '../schema/schema.ts';

/** Subnets that are only referred to by id: of the prefix for documentation (RFC 3849). */
const UNKNOWN_SUBNETS = Array.from(
  { length: 16 },
  (_, n) => `2001:db8:${(n === 0 ? 1 : n + 2).toString(16)}::/64`,
);
/** The VIP's in the subnets of the seed, too. */
const USUAL_HOST = 16;

/**
 * The VIPs beside the first, in upstream's order, whatever the file's. One that says its subnet alone gets an address
 * in it, as Neutron would choose one.
 *
 * @throws InvalidLoadBalancer when a subnet has no address left
 */
export function additionalVips(input: Given['loadBalancer']): LoadBalancer['additional_vips'] {
  const members = [
    ...input.pools,
    ...input.listeners.flatMap((listener) => [
      listener.default_pool,
      ...listener.l7policies.map((policy) => policy.redirect_pool),
    ]),
  ].flatMap((pool) => pool?.members.map((member) => member.address) ?? []);
  const taken = new Set([
    ...members,
    ...[input, ...input.additional_vips].map((vip) => vip.gateway_ip),
    ...input.additional_vips.map((vip) => vip.ip_address),
    input.vip_address,
  ]);
  const free = UNKNOWN_SUBNETS.filter(
    (subnet) => ![...taken].some((address) => address !== undefined && contains(subnet, address)),
  );
  return input.additional_vips
    .map(({ ip_address, subnet_cidr, gateway_ip, host_routes, subnet_id, port_id }, n) => {
      if (ip_address === undefined && subnet_id === undefined && subnet_cidr === undefined) {
        refuse(`additional_vips[${n}].subnet_id`, 'is missing; it must be a UUID');
      }
      const chosen = ip_address ?? choose(subnet_cidr ?? free.shift(), taken);
      if (chosen === undefined) {
        refuse(`additional_vips[${n}].subnet_cidr`, 'is missing; there are too many VIPs without one');
      }
      taken.add(chosen);
      return {
        ip_address: chosen,
        ...{ subnet_id, port_id, host_routes },
        ...(subnet_cidr && { subnet_cidr }),
        ...(gateway_ip && { gateway_ip }),
      };
    })
    .sort((a, b) => (a.ip_address < b.ip_address ? -1 : 1));
}

function choose(subnet: string | undefined, taken: ReadonlySet<string | undefined>): string | undefined {
  if (subnet === undefined) return undefined;
  const known = [...taken].filter((address) => address !== undefined);
  const [first] = freeAddresses(subnet, known, { count: 1, usual: [USUAL_HOST], what: 'a VIP' });
  return first;
}
