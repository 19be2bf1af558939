import type { AddressObservation, NeighbourObservation } from './observation.ts';

/*
 * Lines of `ip -ts -o monitor`, such as
 * [2026-01-31T12:00:00.123456] 2: eth1    inet 172.16.1.10/32 scope global eth1\       valid_lft forever
 * [2026-01-31T12:00:00.123456] 172.16.1.10 dev vip0 lladdr fa:16:3e:00:00:01 REACHABLE
 * each with `Deleted ` before the object when it went.
 */

/** Decodes a line of `ip -ts -o monitor address`; undefined for lines of other kinds. */
export function decodeAddressLine(line: string, node: string): AddressObservation | undefined {
  const match = /^\[([^\]]+)\] (Deleted )?\d+: (\S+)\s+inet6? ([0-9a-f.:]+)(?:\/\d+)? /.exec(line);
  if (!match?.[1] || !match[3] || !match[4]) return undefined;
  return {
    kind: 'address',
    atNs: stampToNs(match[1]),
    node,
    change: match[2] ? 'removed' : 'added',
    interface: match[3],
    address: match[4],
  };
}

/** Decodes a line of `ip -ts -o monitor neigh`; undefined for lines of other kinds. */
export function decodeNeighbourLine(line: string, node: string): NeighbourObservation | undefined {
  const match =
    /^\[([^\]]+)\] (Deleted )?([0-9a-f.:]+) dev \S+(?: lladdr ([0-9a-f:]+))?.*? ([A-Z]+)\s*$/.exec(line);
  if (!match?.[1] || !match[3] || !match[5]) return undefined;
  const mac = match[2] ? undefined : match[4];
  return {
    kind: 'neighbour',
    atNs: stampToNs(match[1]),
    node,
    address: match[3],
    ...(mac && { mac }),
    state: match[2] ? 'DELETED' : match[5],
  };
}

/** The fabric's local time is UTC; iproute2 stamps to the microsecond. */
function stampToNs(stamp: string): string {
  const [seconds = '', fraction = ''] = stamp.split('.');
  return String(BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}
