import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { networkOf } from './address.ts';

/** An address of either version of IP, without a zone. */
export function isAddress(found: string): boolean {
  return isIP(found) !== 0 && !found.includes('%');
}

/**
 * A network as Octavia takes it (octavia/api/common/types.py, CidrType): an address by itself, a prefix length, a
 * netmask or a host mask; host bits are cut off.
 */
export function networkFrom(found: string): string | undefined {
  const [address = '', mask, ...more] = found.split('/');
  if (!isAddress(address) || more.length > 0) return undefined;
  const bits = isIP(address) === 4 ? 32 : 128;
  const prefix = mask === undefined ? bits : prefixOf(mask, bits);
  return prefix === undefined || prefix > bits ? undefined : networkOf(`${address}/${prefix}`);
}

function prefixOf(mask: string, bits: number): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  if (bits !== 32 || isIP(mask) !== 4) return undefined;
  const netmask = ipaddr.IPv4.parse(mask);
  const hostmask = new ipaddr.IPv4(netmask.octets.map((octet) => 255 - octet));
  // Zeros alone are a netmask (Python's ipaddress).
  return netmask.prefixLengthFromSubnetMask() ?? hostmask.prefixLengthFromSubnetMask() ?? undefined;
}
