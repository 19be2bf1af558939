import type { FrameObservation, Observation } from './observation.ts';
import { nearness, type Pattern } from './pattern.ts';

/** More than this nobody reads. */
const NAMED_MAX = 5;

/**
 * What was seen instead of what was wanted: the nearest first, {@link NAMED_MAX} kinds of it at the most, and how
 * much more there was. Of more kinds than that, those that have nothing in common with it are counted only.
 */
export function seenInstead(entries: readonly Observation[], wanted: readonly Pattern[]): string {
  const kinds = new Map<string, { count: number; near: number; lastNs: bigint }>();
  for (const entry of entries) {
    const name = describe(entry);
    const known = kinds.get(name);
    kinds.set(name, {
      count: (known?.count ?? 0) + 1,
      near: known?.near ?? nearness(wanted, entry),
      lastNs: BigInt(entry.atNs),
    });
  }
  if (kinds.size === 0) return 'nothing at all was seen meanwhile.';
  const sorted = [...kinds].sort(
    ([, one], [, other]) => other.near - one.near || Number(other.lastNs - one.lastNs),
  );
  const near = sorted.filter(([, kind]) => kind.near > 0).length;
  const shown = sorted.length > NAMED_MAX && near > 0 ? Math.min(near, NAMED_MAX) : NAMED_MAX;
  const named = sorted
    .slice(0, shown)
    .map(([name, { count }]) => (count === 1 ? name : `${count} × ${name}`));
  const rest = sorted.slice(shown);
  const others = rest.reduce((sum, [, { count }]) => sum + count, 0);
  const more =
    others > 0
      ? `, and ${others} more of ${rest.length === 1 ? 'another kind' : `${rest.length} other kinds`}`
      : '';
  return `seen meanwhile, the nearest first: ${named.join(', ')}${more}.`;
}

function describe(entry: Observation): string {
  switch (entry.kind) {
    case 'frame':
      return `${describeFrame(entry)} ${entry.direction === 'in' ? 'from' : 'to'} ${entry.port}`;
    case 'request':
      return entry.outcome === 'answered'
        ? `request served by ${entry.servedBy}`
        : `request failed (${entry.failure})`;
    case 'address':
      return `${entry.address} ${entry.change} on ${entry.node}`;
    case 'neighbour':
      return `neighbour ${entry.address}${entry.mac ? ` at ${entry.mac}` : ''} ${entry.state} in ${entry.node}`;
    case 'connection':
      return `connection ${entry.change}`;
    case 'table':
      return `${entry.entries} entries in a stick table of ${entry.node}`;
    case 'stall':
      return `stall of ${entry.node}`;
    case 'processor':
      return `${entry.process} of ${entry.node} waiting for a processor`;
    case 'answer':
    case 'silence':
    case 'packets':
    case 'clock step':
    case 'processor watch':
    case 'observer lost':
      return entry.kind;
    case 'lab':
      return `${entry.what} ${entry.name}`;
  }
}

function describeFrame({ frame }: FrameObservation): string {
  switch (frame.type) {
    case 'vrrp':
      return `advertisement with priority ${frame.priority}`;
    case 'arp':
      return frame.gratuitous
        ? `announcement of ${frame.senderIp}`
        : `ARP ${frame.operation} for ${frame.targetIp}`;
    case 'neighbour-advertisement':
      return `${frame.unsolicited ? 'announcement' : 'neighbour advertisement'} of ${frame.targetIp}`;
    case 'tcp':
      return `TCP ${frame.flags.join(' ')}`;
  }
}
