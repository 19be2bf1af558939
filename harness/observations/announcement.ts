import type { Observation } from './observation.ts';
import { fits, type Pattern } from './pattern.ts';

/**
 * The frames by which the node of a switch port tells its neighbours that it has an address: a gratuitous ARP
 * (RFC 5227, section 3), or an unsolicited neighbour advertisement (RFC 4861, section 7.2.6).
 */
export function announcementsBy(port: string, address: string): readonly Pattern[] {
  const sent = { kind: 'frame', direction: 'in', port } as const;
  return [
    { ...sent, frame: { type: 'arp', gratuitous: true, senderIp: address } },
    { ...sent, frame: { type: 'neighbour-advertisement', unsolicited: true, targetIp: address } },
  ];
}

/** Whether it is such a frame. */
export function announces(entry: Observation, port: string, address: string): boolean {
  return announcementsBy(port, address).some((pattern) => fits(pattern, entry));
}
