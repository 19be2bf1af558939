import { randomUUID } from 'node:crypto';
import { type AddressPlan, amphoraAddresses } from '../../src/domain/address-plan.ts';
import { ipVersion } from '../../src/domain/schema/address.ts';
import { InvalidLoadBalancer } from '../../src/domain/schema/invalid.ts';
import type { Vip } from '../../src/domain/vip.ts';
import type { NetworkService, SecurityGroupRule, VipPort } from '../../src/flows/network.ts';
import { ADDRESSES, amphoraMac, CLIENT_SIDES, type ClientSide, type ClientSides } from './addresses.ts';
import type { Fabric } from './fabric/fabric.ts';
import { addAnew } from './links.ts';
import { securityGroupRuleset } from './security-group.ts';
import { LAB_SUBNETS, prefixOf, type RoutedSubnet } from './subnets.ts';

/** A way from the router into a network: its bridge and the router's interface are numbered alike. */
export interface RoutedAddress {
  /** To reach it, no gateway is needed. */
  readonly address: string;
  readonly segment: number;
}

/** What the lab's namespaces are made for. */
export interface NetworkRequest {
  readonly subnets: readonly RoutedSubnet[];
  /** Addresses outside of the subnets. */
  readonly onLink?: readonly RoutedAddress[];
  /** Where the client is. */
  readonly client?: ClientSides;
  /** A bridge in the client's namespace by which the controller reaches the agents. */
  readonly management?: boolean;
}

/**
 * Makes the lab's namespaces: a switch with a bridge for each network, a router with an address in each subnet, and the
 * way from the client (the fabric's own namespace).
 */
export async function buildNetwork(
  fabric: Fabric,
  { subnets, onLink = [], client = CLIENT_SIDES, management = false }: NetworkRequest = {
    subnets: LAB_SUBNETS,
    management: true,
  },
): Promise<void> {
  const segments = [...new Set([0, ...[...subnets, ...onLink].map(({ segment = 0 }) => segment)])];
  const router = [
    ...subnets.map(({ router, subnet_cidr, segment = 0 }) => ({
      version: ipVersion(router),
      line: `address add ${router}/${prefixOf(subnet_cidr)} dev ${routerInterface(segment)}`,
    })),
    ...onLink.map(({ address, segment }) => ({
      version: ipVersion(address),
      line: `route replace ${address} dev ${routerInterface(segment)}`,
    })),
  ];
  const linesOf = (version: 4 | 6) =>
    router.filter((each) => each.version === version).map(({ line }) => line);
  await fabric.run(
    {
      argv: ['ip', '-batch', '-'],
      stdin: [
        'netns add switch',
        'netns add router',
        'link set lo up',
        ...(management
          ? [
              `link add mgmt0 address ${ADDRESSES.managementMac} type bridge forward_delay 0 mcast_snooping 0`,
              `address add ${ADDRESSES.management}/${ADDRESSES.managementPrefix} dev mgmt0`,
              'link set mgmt0 up',
            ]
          : []),
        `link add eth0 address ${ADDRESSES.clientMac} type veth peer name client0 address ${ADDRESSES.clientGatewayMac} netns router`,
        `address add ${client[4].client}/${client[4].clientPrefix} dev eth0`,
        'link set eth0 up',
        `route add default via ${client[4].clientGateway} dev eth0`,
        '',
      ].join('\n'),
    },
    {
      argv: ['ip', '-n', 'switch', '-batch', '-'],
      stdin: [
        'link set lo up',
        ...segments.flatMap((segment) => [
          `link add ${bridgeOf(segment)} type bridge forward_delay 0 mcast_snooping 0`,
          `link set ${bridgeOf(segment)} up`,
          `link add ${routerPort(segment)} type veth peer name ${routerInterface(segment)} netns router`,
          `link set ${routerPort(segment)} master ${bridgeOf(segment)} up`,
        ]),
        '',
      ].join('\n'),
    },
    {
      argv: ['ip', '-n', 'router', '-batch', '-'],
      stdin: [
        'link set lo up',
        'link set client0 up',
        ...segments.map((segment) => `link set ${routerInterface(segment)} up`),
        `address add ${client[4].clientGateway}/${client[4].clientPrefix} dev client0`,
        ...linesOf(4),
        '',
      ].join('\n'),
    },
    // Where the kernel has no IPv6, it has no such setting either.
    { argv: ['ip', 'netns', 'exec', 'router', 'sysctl', '-eqw', ...FORWARDING] },
    // Where a host tracks connections on bridges, it has all frames of them take the way of routed packets too.
    { argv: ['ip', 'netns', 'exec', 'switch', 'sysctl', '-eqw', ...BRIDGED_ALONE] },
    { argv: ['ip', 'netns', 'exec', 'switch', 'nft', '-f', '-'], stdin: securityGroupRuleset(undefined) },
  );
  await addIpv6(fabric, linesOf(6), client[6]);
}

/** Bridged frames meet the rules of bridges alone; a kernel without br_netfilter has no such settings. */
const BRIDGED_ALONE = ['iptables', 'ip6tables', 'arptables'].map(
  (tables) => `net.bridge.bridge-nf-call-${tables}=0`,
);
const FORWARDING = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'];

/** The bridge of a network in the switch. */
export function bridgeOf(segment = 0): string {
  return `br${segment}`;
}

/** The router's interface in a network. */
export function routerInterface(segment = 0): string {
  return `vip${segment}`;
}

function routerPort(segment: number): string {
  return segment === 0 ? 'router' : `router-${segment}`;
}

/** The same over IPv6, where the kernel has it: an engine disables it in a container without a network. */
async function addIpv6(
  fabric: Fabric,
  router: readonly string[],
  { client, clientGateway, clientPrefix }: ClientSide,
): Promise<void> {
  await fabric.attempt(
    { file: '/proc/sys/net/ipv6/conf/all/disable_ipv6', content: '0' },
    {
      argv: ['ip', '-n', 'router', '-batch', '-'],
      stdin: [
        `address add ${clientGateway}/${clientPrefix} dev client0 nodad`,
        ...router.map((line) => (line.startsWith('address') ? `${line} nodad` : line)),
        '',
      ].join('\n'),
    },
    {
      argv: ['ip', '-batch', '-'],
      stdin: [
        `address add ${client}/${clientPrefix} dev eth0 nodad`,
        `route add default via ${clientGateway} dev eth0`,
        '',
      ].join('\n'),
    },
  );
}

const FIRST_PAIR = 2;

/** Above those of the switch's other links. */
const FIRST_PORT_INDEX = 100;

/** A NIC's place in the lab: the switch's port and the instance's network namespace. */
export interface PluggedPort extends VipPort {
  readonly computeId: string;
  /** Name of the port in the switch. */
  readonly switchPort: string;
}

/** Where an instance runs: the pid of its first process on the engine's host, and its number in the lab. */
export type Whereabouts = (computeId: string) => { readonly pid: number; readonly ordinal: number };

/** The network service below the controller: the switch of the lab. */
export class LabNetwork implements NetworkService {
  readonly #fabric: Fabric;
  readonly #whereabouts: Whereabouts;
  readonly #plan: AddressPlan;
  /** By amphora. */
  readonly #ports = new Map<string, PluggedPort>();
  /** Addresses of amphorae, past ones too: a report tells amphorae apart by them. */
  readonly #given = new Set<string>();

  constructor(fabric: Fabric, whereabouts: Whereabouts, plan: AddressPlan) {
    this.#fabric = fabric;
    this.#whereabouts = whereabouts;
    this.#plan = plan;
  }

  /** The ports on the VIP's network. */
  get ports(): readonly PluggedPort[] {
    return [...this.#ports.values()];
  }

  async allocateVip(): Promise<Vip> {
    return { ...this.#plan.vip, port_id: randomUUID() };
  }

  async deallocateVip(_loadBalancerId: string): Promise<void> {
    await this.#apply(undefined);
  }

  async plugVipPort(request: { computeId: string; amphoraId: string; vip: Vip }): Promise<VipPort> {
    const known = this.#ports.get(request.amphoraId);
    if (known) return known;
    const { ordinal } = this.#whereabouts(request.computeId);
    const vrrpIp = this.#addressFor(ordinal);
    const port: PluggedPort = {
      computeId: request.computeId,
      switchPort: `amphora-${ordinal}`,
      portId: randomUUID(),
      macAddress: amphoraMac(ordinal),
      vrrpIp,
      mtu: 1500,
    };
    // Before it is attached: others are plugged meanwhile, and must not get its address.
    this.#ports.set(request.amphoraId, port);
    this.#given.add(vrrpIp);
    try {
      await this.#attach(port);
    } catch (error) {
      this.#ports.delete(request.amphoraId);
      throw error;
    }
    return port;
  }

  /** The first pair's in their order, whichever is plugged first; then one that nobody has had, while there are any. */
  #addressFor(ordinal: number): string {
    const first = ordinal <= FIRST_PAIR ? amphoraAddresses(this.#plan, ordinal)[ordinal - 1] : undefined;
    if (first && !this.#given.has(first)) return first;
    const free = (others: Iterable<string>) => amphoraAddresses(this.#plan, 1, [...others])[0] ?? '';
    try {
      return free(this.#given);
    } catch (error) {
      if (!(error instanceof InvalidLoadBalancer)) throw error;
      return free(this.ports.map((port) => port.vrrpIp));
    }
  }

  /** Gives a rebooted instance its NICs back, each with its MAC and at its port of the switch. */
  async replug(computeId: string): Promise<void> {
    for (const port of this.ports.filter((candidate) => candidate.computeId === computeId))
      await this.#attach(port);
  }

  async #attach({ computeId, switchPort, macAddress }: PluggedPort): Promise<void> {
    const { pid, ordinal } = this.#whereabouts(computeId);
    // The index is the same after a reboot, so that a capture that has begun still knows the port.
    const index = FIRST_PORT_INDEX + ordinal;
    await addAnew(
      this.#fabric,
      ['ip', '-n', 'switch'],
      [switchPort],
      [
        `link add ${switchPort} index ${index} type veth peer name vip${ordinal} address ${macAddress} netns ${pid}`,
        `link set ${switchPort} master ${bridgeOf()} up`,
      ],
    );
  }

  async unplugVipPort(amphoraId: string): Promise<void> {
    const port = this.#ports.get(amphoraId);
    if (!port) return;
    this.#ports.delete(amphoraId);
    await this.#fabric.attempt({ argv: ['ip', '-n', 'switch', 'link', 'delete', port.switchPort] });
  }

  async updateSecurityGroup(_vip: Vip, rules: readonly SecurityGroupRule[]): Promise<void> {
    await this.#apply(rules);
  }

  async #apply(rules: readonly SecurityGroupRule[] | undefined): Promise<void> {
    await this.#fabric.run({
      argv: ['ip', 'netns', 'exec', 'switch', 'nft', '-f', '-'],
      stdin: securityGroupRuleset(rules),
    });
  }
}
