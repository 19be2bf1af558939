import type { AnswerObservation, PacketsObservation, SilenceObservation } from './observation.ts';
import type { Packet } from './pcap.ts';

/** The capture at the client's interface is of link type Ethernet. */
const ETHERNET_HEADER = 14;
/** Types of ICMP (RFC 792) and ICMPv6 (RFC 4443), and where the protocol stands, by the version of IP. */
const IP = {
  4: { protocolAt: 9, icmp: 1, request: 8, reply: 0 },
  6: { protocolAt: 6, icmp: 58, request: 128, reply: 129 },
};
const IPV6_HEADER = 40;
/** Answers further apart than this are written down; closer ones are the scheduler's everyday work. */
const SILENCE_MIN_MS = 4;
const REPORT_NS = 100_000_000n;

/** What most packets complete. */
const NOTHING: readonly never[] = [];

type Seen = AnswerObservation | PacketsObservation | SilenceObservation;

/**
 * Condenses the capture at the client's interface: thousands of echoes a second become the silences between replies,
 * and a count ten times a second. Every other packet begins the answer to a request.
 */
export class PacketTally {
  #answerNs: bigint | undefined;
  #sentNs: bigint | undefined;
  #silence = { sent: 0, spacingNs: 0n };
  /** From one count to the next; the first packet is counted at once: it shows that packets are captured. */
  #reportNs = 0n;
  #report: { fromNs: bigint; sent: number; answered: number; spacingNs: bigint } | undefined;

  /** What the next packet of the capture completes. */
  push(packet: Packet): readonly Seen[] {
    const kind = kindOf(packet.data);
    if (kind === undefined) return NOTHING;
    const { atNs } = packet;
    if (typeof kind === 'number') return [{ kind: 'answer', atNs: String(atNs), port: kind }];
    this.#report ??= { fromNs: atNs, sent: 0, answered: 0, spacingNs: 0n };
    let silences: readonly SilenceObservation[] = NOTHING;
    if (kind === 'request') {
      const spacingNs = this.#sentNs === undefined ? 0n : atNs - this.#sentNs;
      this.#sentNs = atNs;
      this.#silence.sent++;
      this.#silence.spacingNs = max(this.#silence.spacingNs, spacingNs);
      this.#report.sent++;
      this.#report.spacingNs = max(this.#report.spacingNs, spacingNs);
    } else {
      silences = this.#silenceUntil(atNs);
      this.#answerNs = atNs;
      this.#silence = { sent: 0, spacingNs: 0n };
      this.#report.answered++;
    }
    if (atNs - this.#report.fromNs < this.#reportNs) return silences;
    this.#reportNs = REPORT_NS;
    const { fromNs, sent, answered, spacingNs } = this.#report;
    this.#report = undefined;
    return [
      ...silences,
      {
        ...{ kind: 'packets', atNs: String(fromNs), untilNs: String(atNs), sent, answered },
        spacingMs: ms(spacingNs),
      },
      ...this.#silenceUntil(atNs).map((silence) => ({ ...silence, open: true }) as const),
    ];
  }

  /** The silence since the last answer, where it is long enough to be one. */
  #silenceUntil(untilNs: bigint): readonly SilenceObservation[] {
    const fromNs = this.#answerNs;
    if (fromNs === undefined || ms(untilNs - fromNs) < SILENCE_MIN_MS) return NOTHING;
    const { sent, spacingNs } = this.#silence;
    return [
      { kind: 'silence', atNs: String(fromNs), untilNs: String(untilNs), sent, spacingMs: ms(spacingNs) },
    ];
  }
}

/** What a packet is: an echo, or an answer to the client's port. */
function kindOf(data: Buffer): 'request' | 'reply' | number | undefined {
  if (data.length < ETHERNET_HEADER + IPV6_HEADER) return undefined;
  const first = data[ETHERNET_HEADER] ?? 0;
  const version = first >> 4;
  if (version !== 4 && version !== 6) return undefined;
  const { protocolAt, icmp, request, reply } = IP[version];
  const at = ETHERNET_HEADER + (version === 6 ? IPV6_HEADER : (first & 0x0f) * 4);
  if (data.length < at + 4) return undefined;
  // TCP and UDP have the port of the receiver at the same place (RFC 9293, section 3.1; RFC 768).
  if (data[ETHERNET_HEADER + protocolAt] !== icmp) return data.readUInt16BE(at + 2);
  const type = data[at];
  if (type === request) return 'request';
  return type === reply ? 'reply' : undefined;
}

function ms(ns: bigint): number {
  return Number(ns) / 1e6;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
