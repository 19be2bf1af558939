import type { Seen } from './agreement.ts';

/** A capture at a single interface has link type Ethernet. */
const ETHERNET_HEADER = 14;
const PROTOCOL = { icmp: 1, tcp: 6 };
const ECHO_REPLY = 0;

/** Whether an IPv4 packet answers a request, with a good status, or an echo request. */
export function answerIn(frame: Buffer): Seen['metric'] | undefined {
  const packet = frame.subarray(ETHERNET_HEADER);
  if (packet.length < 20) return undefined;
  const body = packet.subarray((packet.readUInt8(0) & 0x0f) * 4);
  switch (packet.readUInt8(9)) {
    case PROTOCOL.icmp:
      return body[0] === ECHO_REPLY ? 'packetOutage' : undefined;
    case PROTOCOL.tcp: {
      const payload = body.subarray(((body[12] ?? 0) >> 4) * 4);
      // HAProxy's own 502, 503 and 504 are no answers of the service.
      return /^HTTP\/1\.\d 200 /.test(payload.toString('latin1', 0, 13)) ? 'outage' : undefined;
    }
    default:
      return undefined;
  }
}
