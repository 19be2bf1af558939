import { type AddressPlan, addressPlan, amphoraAddresses } from '../../src/domain/address-plan.ts';
import type { LoadBalancer } from '../../src/domain/load-balancer.ts';
import { contains, ipVersion } from '../../src/domain/schema/address.ts';
import { InvalidLoadBalancer } from '../../src/domain/schema/invalid.ts';
import { gatewayIn } from '../../src/domain/vip.ts';
import { ADDRESSES, ADDRESSES6 } from './addresses.ts';

/** A subnet of the switch, and the router's address there. */
export interface RoutedSubnet {
  readonly subnet_cidr: string;
  readonly router: string;
  /** The network that it is in; the VIP's where it is absent. */
  readonly segment?: number;
}

/** What a file leaves out, as a lab fills it in. */
export const LAB_DEFAULTS = {
  vip: ADDRESSES.vip,
  subnets: [ADDRESSES, ADDRESSES6].map(({ vipSubnet, gateway }) => ({
    subnet_cidr: vipSubnet,
    gateway_ip: gateway,
  })),
} as const;

/** The lab's own subnets: members may be there, wherever the VIP is. */
export const LAB_SUBNETS: readonly RoutedSubnet[] = LAB_DEFAULTS.subnets.map(
  ({ subnet_cidr, gateway_ip }) => ({ subnet_cidr, router: gateway_ip }),
);

/** The client's side of the router. */
const CLIENT_SUBNETS = [ADDRESSES, ADDRESSES6].map(
  ({ clientGateway, clientPrefix }) => `${clientGateway}/${clientPrefix}`,
);

/** Where a load balancer's addresses are in a lab. */
export interface LabPlan extends AddressPlan {
  readonly subnets: readonly RoutedSubnet[];
}

/**
 * Places a load balancer in a lab. The VIP has a gateway there, as its clients come through the router.
 *
 * @throws InvalidLoadBalancer when a subnet is too small, or is the lab's own client's
 */
export function labPlan(loadBalancer: LoadBalancer): LabPlan {
  const plan = addressPlan(loadBalancer, LAB_DEFAULTS);
  const { vip: given, additionalVips } = plan;
  const taken = [...plan.taken];
  const routers = new Map<string, string>();
  for (const { subnet_cidr, gateway_ip } of [given, ...additionalVips]) {
    const router = routers.get(subnet_cidr) ?? gateway_ip ?? gatewayIn(subnet_cidr, taken);
    routers.set(subnet_cidr, router);
    taken.push(router);
  }
  const subnets = [...routers].map(([subnet_cidr, router]) => ({ subnet_cidr, router }));
  for (const { subnet_cidr } of subnets) {
    const client = CLIENT_SUBNETS.find((network) => overlap(network, subnet_cidr));
    if (client) {
      throw new InvalidLoadBalancer(
        `subnet_cidr: must not overlap ${client}, where a lab's client is; found ${subnet_cidr}`,
      );
    }
  }
  const vip = { ...given, gateway_ip: given.gateway_ip ?? routers.get(given.subnet_cidr) };
  const own = LAB_SUBNETS.filter((lab) => !subnets.some((one) => overlap(one.subnet_cidr, lab.subnet_cidr)));
  const complete = { vip, additionalVips, taken, subnets: [...subnets, ...own] };
  // Those of a pair must fit before anything is built.
  amphoraAddresses(complete, loadBalancer.topology === 'SINGLE' ? 1 : 2);
  return complete;
}

/** The subnet in which an address lies, or the first of its version of IP. */
export function subnetFor(
  subnets: readonly RoutedSubnet[],
  address: string,
): RoutedSubnet & { onLink: boolean } {
  const own = subnets.find(({ subnet_cidr }) => contains(subnet_cidr, address));
  if (own) return { ...own, onLink: true };
  const [first] = subnets.filter(({ subnet_cidr }) => ipVersion(subnet_cidr) === ipVersion(address));
  if (!first) throw new Error(`The lab has no subnet for ${address}.`);
  return { ...first, onLink: false };
}

export function prefixOf(network: string): string {
  return network.split('/')[1] ?? '';
}

function overlap(one: string, other: string): boolean {
  const base = (network: string) => network.split('/')[0] ?? '';
  return contains(one, base(other)) || contains(other, base(one));
}
