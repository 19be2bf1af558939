import ipaddr from 'ipaddr.js';
import type { FrameObservation } from './observation.ts';
import type { Packet } from './pcap.ts';

/** Link type LINUX_SLL2: the frame's interface and direction precede its payload (tcpdump's `any` device). */
export const LINKTYPE_LINUX_SLL2 = 276;

const SLL2_HEADER = 20;
const OUTGOING = 4;
const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd };
const PROTOCOL = { tcp: 6, icmp6: 58, vrrp: 112 };
const NEIGHBOUR_ADVERTISEMENT = 136;

/**
 * Decodes what the instrument needs of a packet captured with link type LINUX_SLL2; undefined for packets
 * of other kinds, truncated ones, and those on interfaces that `portOf` does not know.
 */
export function decodeFrame(
  packet: Packet,
  portOf: (ifindex: number) => string | undefined,
): FrameObservation | undefined {
  const { data } = packet;
  if (data.length < SLL2_HEADER) return undefined;
  const port = portOf(data.readUInt32BE(4));
  const frame = port && decodePayload(data.readUInt16BE(0), data.subarray(SLL2_HEADER));
  if (!port || !frame) return undefined;
  return {
    kind: 'frame',
    atNs: String(packet.atNs),
    port,
    direction: data.readUInt8(10) === OUTGOING ? 'out' : 'in',
    sourceMac: mac(data.subarray(12, 18)),
    frame,
  };
}

function decodePayload(etherType: number, payload: Buffer): FrameObservation['frame'] | undefined {
  if (etherType === ETHERTYPE.arp) return decodeArp(payload);
  if (etherType === ETHERTYPE.ipv4) return decodeIpv4(payload);
  if (etherType === ETHERTYPE.ipv6) return decodeIpv6(payload);
  return undefined;
}

/** RFC 826; gratuitous: sender and target address are the same (RFC 5227, section 3). */
function decodeArp(payload: Buffer): FrameObservation['frame'] | undefined {
  if (payload.length < 28) return undefined;
  const senderIp = ipv4(payload.subarray(14, 18));
  const targetIp = ipv4(payload.subarray(24, 28));
  return {
    type: 'arp',
    operation: payload.readUInt16BE(6) === 1 ? 'request' : 'reply',
    senderMac: mac(payload.subarray(8, 14)),
    senderIp,
    targetIp,
    gratuitous: senderIp === targetIp,
  };
}

function decodeIpv4(payload: Buffer): FrameObservation['frame'] | undefined {
  if (payload.length < 20) return undefined;
  const body = payload.subarray((payload.readUInt8(0) & 0x0f) * 4);
  return decodeTransport(
    payload.readUInt8(9),
    body,
    ipv4(payload.subarray(12, 16)),
    ipv4(payload.subarray(16, 20)),
  );
}

function decodeIpv6(payload: Buffer): FrameObservation['frame'] | undefined {
  if (payload.length < 40) return undefined;
  return decodeTransport(
    payload.readUInt8(6),
    payload.subarray(40),
    ipv6(payload.subarray(8, 24)),
    ipv6(payload.subarray(24, 40)),
  );
}

function decodeTransport(
  protocol: number,
  body: Buffer,
  sourceIp: string,
  destinationIp: string,
): FrameObservation['frame'] | undefined {
  if (protocol === PROTOCOL.vrrp && body.length >= 8) return decodeVrrp(body, sourceIp, destinationIp);
  if (protocol === PROTOCOL.icmp6 && body.length >= 24 && body.readUInt8(0) === NEIGHBOUR_ADVERTISEMENT) {
    // RFC 4861, section 4.4: the S flag is set on a solicited advertisement.
    const solicited = (body.readUInt8(4) & 0x40) !== 0;
    return { type: 'neighbour-advertisement', targetIp: ipv6(body.subarray(8, 24)), unsolicited: !solicited };
  }
  if (protocol === PROTOCOL.tcp && body.length >= 14) {
    const bits = body.readUInt8(13);
    const flags = (['fin', 'syn', 'rst', undefined, 'ack'] as const).filter(
      (flag, bit) => flag !== undefined && (bits >> bit) & 1,
    ) as ('syn' | 'ack' | 'rst' | 'fin')[];
    return {
      type: 'tcp',
      sourceIp,
      sourcePort: body.readUInt16BE(0),
      destinationIp,
      destinationPort: body.readUInt16BE(2),
      flags,
    };
  }
  return undefined;
}

/** RFC 3768, section 5.1 (interval in seconds); RFC 5798, section 5.1 (12 bits, in centiseconds). */
function decodeVrrp(
  body: Buffer,
  sourceIp: string,
  destinationIp: string,
): FrameObservation['frame'] | undefined {
  const version = body.readUInt8(0) >> 4;
  if (version !== 2 && version !== 3) return undefined;
  return {
    type: 'vrrp',
    version,
    routerId: body.readUInt8(1),
    priority: body.readUInt8(2),
    advertIntervalMs: version === 2 ? body.readUInt8(5) * 1000 : (body.readUInt16BE(4) & 0x0fff) * 10,
    sourceIp,
    destinationIp,
  };
}

function mac(bytes: Buffer): string {
  return bytes.toString('hex').replace(/..(?!$)/g, '$&:');
}

function ipv4(bytes: Buffer): string {
  return bytes.join('.');
}

/** As RFC 5952 has it. */
function ipv6(bytes: Buffer): string {
  return ipaddr.fromByteArray([...bytes]).toString();
}
