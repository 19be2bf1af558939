import { randomUUID } from 'node:crypto';
import type { NetworkService, SecurityGroupRule, VipPort } from '../../src/controller/network.ts';
import type { Vip } from '../../src/domain/vip.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { ADDRESSES, ADDRESSES6, addressesLike, amphoraAddress, amphoraMac } from './addresses.ts';
import { securityGroupRuleset } from './security-group.ts';

/** Makes the lab's namespaces: a switch, a router, and the way from the client (the fabric's own namespace). */
export async function buildNetwork(fabric: Fabric): Promise<void> {
  await fabric.run(
    { argv: ['ip', '-batch', '-'], stdin: 'netns add switch\nnetns add router\n' },
    {
      argv: ['ip', '-batch', '-'],
      stdin: [
        'link set lo up',
        `link add mgmt0 address ${ADDRESSES.managementMac} type bridge forward_delay 0 mcast_snooping 0`,
        `address add ${ADDRESSES.management}/${ADDRESSES.managementPrefix} dev mgmt0`,
        'link set mgmt0 up',
        `link add eth0 address ${ADDRESSES.clientMac} type veth peer name client0 address ${ADDRESSES.clientGatewayMac} netns router`,
        `address add ${ADDRESSES.client}/${ADDRESSES.clientPrefix} dev eth0`,
        'link set eth0 up',
        `route add default via ${ADDRESSES.clientGateway} dev eth0`,
        '',
      ].join('\n'),
    },
    {
      argv: ['ip', '-n', 'switch', '-batch', '-'],
      stdin: [
        'link set lo up',
        'link add br0 type bridge forward_delay 0 mcast_snooping 0',
        'link set br0 up',
        'link add router type veth peer name vip0 netns router',
        'link set router master br0 up',
        '',
      ].join('\n'),
    },
    {
      argv: ['ip', '-n', 'router', '-batch', '-'],
      stdin: [
        'link set lo up',
        'link set client0 up',
        'link set vip0 up',
        `address add ${ADDRESSES.clientGateway}/${ADDRESSES.clientPrefix} dev client0`,
        `address add ${ADDRESSES.gateway}/${ADDRESSES.vipPrefix} dev vip0`,
        '',
      ].join('\n'),
    },
    { argv: ['ip', 'netns', 'exec', 'router', 'sysctl', '-qw', 'net.ipv4.ip_forward=1'] },
    { argv: ['ip', 'netns', 'exec', 'switch', 'nft', '-f', '-'], stdin: securityGroupRuleset(undefined) },
  );
  await addIpv6(fabric);
}

/** The same over IPv6, where the kernel has it: an engine disables it in a container without a network. */
async function addIpv6(fabric: Fabric): Promise<void> {
  await fabric.attempt(
    { argv: ['sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=0'] },
    { argv: ['ip', 'netns', 'exec', 'router', 'sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1'] },
    {
      argv: ['ip', '-n', 'router', '-batch', '-'],
      stdin: [
        `address add ${ADDRESSES6.clientGateway}/${ADDRESSES6.clientPrefix} dev client0 nodad`,
        `address add ${ADDRESSES6.gateway}/${ADDRESSES6.vipPrefix} dev vip0 nodad`,
        '',
      ].join('\n'),
    },
    {
      argv: ['ip', '-batch', '-'],
      stdin: [
        `address add ${ADDRESSES6.client}/${ADDRESSES6.clientPrefix} dev eth0 nodad`,
        `route add default via ${ADDRESSES6.clientGateway} dev eth0`,
        '',
      ].join('\n'),
    },
  );
}

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
  /** By amphora. */
  readonly #ports = new Map<string, PluggedPort>();

  constructor(fabric: Fabric, whereabouts: Whereabouts) {
    this.#fabric = fabric;
    this.#whereabouts = whereabouts;
  }

  /** The ports on the VIP's network. */
  get ports(): readonly PluggedPort[] {
    return [...this.#ports.values()];
  }

  async allocateVip({ address }: { loadBalancerId: string; address?: string }): Promise<Vip> {
    const ip_address = address ?? ADDRESSES.vip;
    const { vipSubnet: subnet_cidr, gateway: gateway_ip } = addressesLike(ip_address);
    return { ip_address, port_id: randomUUID(), subnet_cidr, gateway_ip, host_routes: [] };
  }

  async deallocateVip(_loadBalancerId: string): Promise<void> {
    await this.#apply(undefined);
  }

  async plugVipPort(request: { computeId: string; amphoraId: string; vip: Vip }): Promise<VipPort> {
    const known = this.#ports.get(request.amphoraId);
    if (known) return known;
    const { ordinal } = this.#whereabouts(request.computeId);
    const port: PluggedPort = {
      computeId: request.computeId,
      switchPort: `amphora-${ordinal}`,
      portId: randomUUID(),
      macAddress: amphoraMac(ordinal),
      vrrpIp: amphoraAddress(ordinal, request.vip.ip_address),
      mtu: 1500,
    };
    await this.#attach(port);
    this.#ports.set(request.amphoraId, port);
    return port;
  }

  /** Gives a rebooted instance its NICs back, each with its MAC and at its port of the switch. */
  async replug(computeId: string): Promise<void> {
    for (const port of this.ports.filter((candidate) => candidate.computeId === computeId)) {
      // It may still be there: see LabCompute.reboot.
      await this.#fabric.attempt({ argv: ['ip', '-n', 'switch', 'link', 'delete', port.switchPort] });
      await this.#attach(port);
    }
  }

  async #attach({ computeId, switchPort, macAddress }: PluggedPort): Promise<void> {
    const { pid, ordinal } = this.#whereabouts(computeId);
    // The index is the same after a reboot, so that a capture that has begun still knows the port.
    const index = FIRST_PORT_INDEX + ordinal;
    await this.#fabric.run({
      argv: ['ip', '-n', 'switch', '-batch', '-'],
      stdin: [
        `link add ${switchPort} index ${index} type veth peer name vip${ordinal} address ${macAddress} netns ${pid}`,
        `link set ${switchPort} master br0 up`,
        '',
      ].join('\n'),
    });
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
