import type { Observation } from './observation.ts';

/**
 * Whether it is a frame by which the port's node tells its neighbours that it has the address: a gratuitous ARP
 * (RFC 5227, section 3), or an unsolicited neighbour advertisement (RFC 4861, section 7.2.6).
 */
export function announces(entry: Observation, port: string, address: string): boolean {
  if (entry.kind !== 'frame' || entry.port !== port || entry.direction !== 'in') return false;
  const { frame } = entry;
  return (
    (frame.type === 'arp' && frame.gratuitous && frame.senderIp === address) ||
    (frame.type === 'neighbour-advertisement' && frame.unsolicited && frame.targetIp === address)
  );
}
