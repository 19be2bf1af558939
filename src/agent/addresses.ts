import ipaddr from 'ipaddr.js';
import { Refused } from './answer.ts';

/**
 * An address in full, as Python's `ip_address(…).exploded` writes it in Octavia's answers.
 *
 * @throws Refused with the words of Python's ipaddress module
 */
export function exploded(text: string, what: string): string {
  if (!isAddress(text)) {
    throw new Refused(400, { message: `${what}: '${text}' does not appear to be an IPv4 or IPv6 address` });
  }
  const address = ipaddr.parse(text);
  return address instanceof ipaddr.IPv6
    ? address.parts.map((part) => part.toString(16).padStart(4, '0')).join(':')
    : address.toString();
}

/**
 * The prefix length of a subnet, e.g. 24 of 172.16.1.0/24.
 *
 * @throws Refused with the words of Python's ipaddress module
 */
export function prefixLength(cidr: string, what: string): number {
  const length = prefixLengthOf(cidr);
  if (length === undefined) {
    throw new Refused(400, { message: `${what}: '${cidr}' does not appear to be an IPv4 or IPv6 network` });
  }
  if (!isNetwork(cidr)) throw new Refused(400, { message: `${what}: ${cidr} has host bits set` });
  return length;
}

/** The prefix length of a subnet, or undefined when the text is none. */
export function prefixLengthOf(cidr: string): number | undefined {
  const [host = '', length = ''] = cidr.split('/');
  return isAddress(host) && /^\d+$/.test(length) && ipaddr.isValidCIDR(cidr) ? Number(length) : undefined;
}

/** In the form that the kernel takes: four decimal parts, or IPv6 without a zone. */
export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || (ipaddr.IPv6.isValid(text) && !text.includes('%'));
}

export function isIpv6(address: string): boolean {
  return address.includes(':');
}

function isNetwork(cidr: string): boolean {
  const [address, length] = ipaddr.parseCIDR(cidr);
  const network =
    address instanceof ipaddr.IPv6
      ? ipaddr.IPv6.networkAddressFromCIDR(cidr)
      : ipaddr.IPv4.networkAddressFromCIDR(cidr);
  return length === Number(cidr.split('/')[1]) && address.toString() === network.toString();
}
