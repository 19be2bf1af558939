import ipaddr from 'ipaddr.js';

/** IP version of an address or network that is known to be one. */
export function ipVersion(text: string): 4 | 6 {
  return text.includes(':') ? 6 : 4;
}

/** Whether an address lies in a network; never across versions. */
export function contains(network: string, address: string): boolean {
  if (ipVersion(network) !== ipVersion(address)) return false;
  const parsed = ipaddr.parse(address);
  return parsed.match(ipaddr.parseCIDR(network) as [typeof parsed, number]);
}

/** The network without host bits, as Octavia writes it: `172.16.1.9/24` is 172.16.1.0/24. */
export function networkOf(text: string): string {
  const [, prefix] = ipaddr.parseCIDR(text);
  const family = ipVersion(text) === 4 ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${family.networkAddressFromCIDR(text)}/${prefix}`;
}

/** Prefix length of a netmask; a mask with holes counts as a single address. */
export function prefixLengthOf(mask: string): number {
  const parsed = ipaddr.parse(mask);
  return parsed.prefixLengthFromSubnetMask() ?? parsed.toByteArray().length * 8;
}

/** How many hosts a network has room for, without its network and its broadcast address (IPv6: anycast, RFC 4291, section 2.6.1). */
export function roomIn(network: string): number {
  const [address, prefix] = ipaddr.parseCIDR(network);
  return Math.max(0, 2 ** Math.min(53, address.toByteArray().length * 8 - prefix) - 2);
}

/** The n-th host of a network, from 1 to {@link roomIn}, in the form of RFC 5952. */
export function hostOf(network: string, n: number): string {
  const bytes = ipaddr.parse(host(networkOf(network))).toByteArray();
  for (let at = bytes.length - 1, rest = n; rest > 0 && at >= 0; at--) {
    const sum = (bytes[at] ?? 0) + rest;
    bytes[at] = sum % 256;
    rest = Math.floor(sum / 256);
  }
  return ipaddr.fromByteArray(bytes).toString();
}

/** An address as RFC 5952 has it written: equal addresses are equal texts. */
export function canonical(address: string): string {
  return ipaddr.parse(address).toString();
}

function host(network: string): string {
  return network.replace(/\/.*/, '');
}
