import { canonical, hostOf, roomIn } from './schema/address.ts';
import { InvalidLoadBalancer } from './schema/invalid.ts';

/**
 * The first free addresses of a subnet, in a fixed order.
 *
 * @param taken addresses that are in use, in this subnet or another
 * @param usual host numbers that come before all others
 * @param what the addresses are for, e.g. `2 amphorae`
 * @throws InvalidLoadBalancer when the subnet is too small
 */
export function freeAddresses(
  subnet_cidr: string,
  taken: readonly string[],
  {
    count,
    usual,
    what,
  }: { readonly count: number; readonly usual: readonly number[]; readonly what: string },
): string[] {
  const room = roomIn(subnet_cidr);
  const known = new Set(taken.map(canonical));
  const found: string[] = [];
  const offer = (n: number) => {
    const address = hostOf(subnet_cidr, n);
    if (found.length === count || known.has(address)) return;
    known.add(address);
    found.push(address);
  };
  for (const n of usual) if (n <= room) offer(n);
  // Each skipped number is a known address: the search ends soon, however large the subnet is.
  for (let n = 1; n <= room && found.length < count; n++) offer(n);
  if (found.length === count) return found;
  throw new InvalidLoadBalancer(
    `subnet_cidr: must have room for ${what} beside the VIPs, the gateway and members; found ${subnet_cidr} with ${room === 1 ? '1 address' : `${room} addresses`} for hosts`,
  );
}
