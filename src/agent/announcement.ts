import ipaddr from 'ipaddr.js';

const BROADCAST = Buffer.alloc(6, 0xff);
/** All nodes of the link (RFC 4291, section 2.7.1), and their multicast MAC (RFC 2464, section 7). */
const ALL_NODES = address('ff02::1');
const ALL_NODES_MAC = mac('33:33:00:00:00:01');

/**
 * The Ethernet frame that tells a link at which MAC an address is: a gratuitous ARP request (RFC 5227, section 3), or an
 * unsolicited neighbour advertisement that overrides what is known (RFC 4861, section 7.2.6), as upstream's
 * octavia/amphorae/backends/utils/ip_advertisement.py sends them.
 */
export function announcement(ip: string, macAddress: string): Buffer {
  const own = mac(macAddress);
  const vip = address(ip);
  if (vip.length === 4) {
    const request = Buffer.from('0001080006040001', 'hex');
    return Buffer.concat([BROADCAST, own, Buffer.from('0806', 'hex'), request, own, vip, BROADCAST, vip]);
  }
  const header = Buffer.from('6000000000203aff', 'hex');
  const beforeSum = Buffer.from('8800', 'hex');
  // Router and override; option 2 of one times 8 octets: the target's link-layer address.
  const afterSum = Buffer.concat([Buffer.from('a0000000', 'hex'), vip, Buffer.from('0201', 'hex'), own]);
  const pseudoHeader = Buffer.concat([vip, ALL_NODES, Buffer.from('000000200000003a', 'hex')]);
  const sum = Buffer.alloc(2);
  sum.writeUInt16BE(checksum(Buffer.concat([pseudoHeader, beforeSum, sum, afterSum])));
  const ethernet = Buffer.concat([ALL_NODES_MAC, own, Buffer.from('86dd', 'hex')]);
  return Buffer.concat([ethernet, header, vip, ALL_NODES, beforeSum, sum, afterSum]);
}

/** RFC 1071, of an even number of octets. */
function checksum(octets: Buffer): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) sum += octets.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

function address(ip: string): Buffer {
  return Buffer.from(ipaddr.parse(ip).toByteArray());
}

function mac(text: string): Buffer {
  return Buffer.from(text.replaceAll(':', ''), 'hex');
}
