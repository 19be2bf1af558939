import ipaddr from 'ipaddr.js';

/** Whether a text is an address with a prefix length, e.g. `192.0.2.0/24`. */
export function isNetwork(text: string): boolean {
  return ipaddr.isValidCIDR(text) && (text.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(host(text)));
}

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

/** The n-th host of a network, n below 255 (RFC 5952 form). */
export function hostOf(network: string, n: number): string {
  const bytes = ipaddr.parse(host(networkOf(network))).toByteArray();
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + n;
  return ipaddr.fromByteArray(bytes).toString();
}

function host(network: string): string {
  return network.replace(/\/.*/, '');
}
