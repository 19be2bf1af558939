import { isIPv6 } from 'node:net';

/**
 * The addresses of a lab. All labs use the same ones: they cannot see each other. The VIP's network is the
 * seed's; the client's side is TEST-NET-2 (RFC 5737), so that no address of a user's network is shadowed.
 */
export const ADDRESSES = {
  vip: '172.16.1.10',
  vipSubnet: '172.16.1.0/24',
  vipPrefix: 24,
  /** The router on the VIP's network. */
  gateway: '172.16.1.1',
  members: ['172.16.1.101', '172.16.1.102'],
  memberPort: 80,
  client: '198.51.100.10',
  clientGateway: '198.51.100.1',
  clientPrefix: 24,
  clientMac: 'fa:16:3e:00:02:0a',
  clientGatewayMac: 'fa:16:3e:00:02:01',
  /** A client that is no part of the instrument, in a network of its own (for benchmarks, RFC 2544, appendix C.2.2). */
  secondClient: '198.19.0.20',
  secondClientGateway: '198.19.0.1',
  secondClientPrefix: 24,
  /** Management network, the controller's end; amphorae follow from .11. */
  management: '192.168.0.1',
  managementPrefix: 24,
  /**
   * MAC of the management network's bridge. Without it a bridge takes the lowest MAC of its ports, and
   * changes it when that port goes: what the survivor of a failure sends would be lost until it asks again.
   */
  managementMac: 'fa:16:3e:00:01:00',
} as const;

/** A host on the VIP's network that is no amphora; its MAC is locally administered. */
export const STRANGER = { name: 'stranger', mac: 'fa:16:3e:00:03:01' } as const;

/** The same over IPv6, with prefixes for documentation (RFC 3849) and equal host numbers. */
export const ADDRESSES6 = {
  vip: '2001:db8:1::10',
  vipSubnet: '2001:db8:1::/64',
  vipPrefix: 64,
  gateway: '2001:db8:1::1',
  members: ['2001:db8:1::101', '2001:db8:1::102'],
  client: '2001:db8:2::10',
  clientGateway: '2001:db8:2::1',
  clientPrefix: 64,
} as const;

/** The client's side of the router, of one version of IP. */
export type ClientSide = Readonly<Record<'client' | 'clientGateway', string>> & {
  readonly clientPrefix: number;
};

/** The same of both. */
export interface ClientSides {
  readonly 4: ClientSide;
  readonly 6: ClientSide;
}

export const CLIENT_SIDES: ClientSides = { 4: ADDRESSES, 6: ADDRESSES6 };

/** The lab's addresses of the version of IP that an address has. */
export function addressesLike(ip: string): typeof ADDRESSES | typeof ADDRESSES6 {
  return isIPv6(ip) ? ADDRESSES6 : ADDRESSES;
}

/** Management address of the n-th amphora (from 1). */
export function managementAddress(ordinal: number): string {
  return `192.168.0.${10 + ordinal}`;
}

/** MAC of the n-th amphora on the management network: the same after a reboot, as clients of its agent keep it. */
export function managementMac(ordinal: number): string {
  return `fa:16:3e:00:01:${ordinal.toString(16).padStart(2, '0')}`;
}

/** Locally administered MAC of the n-th amphora's port, with the prefix that Neutron uses. */
export function amphoraMac(ordinal: number): string {
  return `fa:16:3e:00:00:${ordinal.toString(16).padStart(2, '0')}`;
}
