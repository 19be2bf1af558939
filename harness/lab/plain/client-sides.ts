import { contains, hostOf, ipVersion, networkOf } from '../../../src/domain/schema/address.ts';
import { CLIENT_SIDES, type ClientSide, type ClientSides } from '../addresses.ts';

/** Networks for the client where a pair is in the lab's own: for documentation (RFC 5737, RFC 3849), and unique local ones. */
const OTHERS = {
  4: ['203.0.113.0/24', '192.0.2.0/24', '10.255.255.0/24'],
  6: ['2001:db8:ffff::/64', 'fd00:ffff::/64'],
} as const;

/**
 * Where the client is: in a network that the pair does not use.
 *
 * @param used addresses and networks
 */
export function clientSides(used: readonly string[]): ClientSides {
  return { 4: sideOf(4, used), 6: sideOf(6, used) };
}

function sideOf(version: 4 | 6, used: readonly string[]): ClientSide {
  const usual = CLIENT_SIDES[version];
  const base = (network: string) => network.split('/')[0] ?? '';
  const isFree = (network: string) =>
    used
      .filter((each) => ipVersion(each) === version)
      .every(
        (each) => !contains(network, base(each)) && !(each.includes('/') && contains(each, base(network))),
      );
  if (isFree(networkOf(`${usual.client}/${usual.clientPrefix}`))) return usual;
  const network = OTHERS[version].find(isFree);
  if (!network) return usual;
  const prefix = Number(network.split('/')[1]);
  return { client: hostOf(network, 10), clientGateway: hostOf(network, 1), clientPrefix: prefix };
}
