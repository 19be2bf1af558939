import type { Packet } from './pcap.ts';

/** A request over TCP, as the packets at the client's interface tell it: every instant is the kernel's. */
export interface RequestWait {
  /** When its connection was asked for (SYN), or, on a connection that was open, when its first byte left. */
  readonly atNs: bigint;
  /** How long it waited for the other side, from then to the last byte of its answer, or until it was given up, ns. */
  readonly waitNs: bigint;
  /** The client's own part of it, between the accepted connection and its request, ns. */
  readonly clientNs: bigint;
  /** Whether its answer came, with status 200. */
  readonly answered: boolean;
}

const NS_PER_MS = 1e6;

/**
 * How long requests waited, ms, with the client's own part of all of them taken at its median: that part does not say
 * how slow the other side was, and where it varies, the client's processor was busy.
 */
export function evened(waits: readonly RequestWait[]): {
  readonly answeredMs: readonly number[];
  readonly failedMs: readonly number[];
  readonly clientMs: number;
} {
  const clients = waits.map(({ clientNs }) => Number(clientNs) / NS_PER_MS).sort((a, b) => a - b);
  const clientMs = clients[Math.floor(clients.length / 2)] ?? 0;
  const of = (which: boolean) =>
    waits
      .filter(({ answered }) => answered === which)
      .map(({ waitNs, clientNs }) => Number(waitNs - clientNs) / NS_PER_MS + clientMs);
  return { answeredMs: of(true), failedMs: of(false), clientMs };
}

/** The capture at the client's interface is of link type Ethernet. */
const ETHERNET_HEADER = 14;
const IPV6_HEADER = 40;
const TCP = 6;
const FLAG = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;
/** The length of a TCP header without options. */
const TCP_HEADER = 20;

interface Segment {
  readonly atNs: bigint;
  /** The sender's and the receiver's address and port. */
  readonly from: string;
  readonly to: string;
  readonly sequence: number;
  readonly flags: number;
  readonly length: number;
  /** The first bytes of what it carries. */
  readonly text: string;
}

interface Connection {
  /** The number of the SYN. */
  readonly sequence: number;
  readonly openedNs: bigint;
  /** When the SYN/ACK came. */
  acceptedNs: bigint | undefined;
  /** Whether an earlier request of this connection was answered. */
  reused: boolean;
  /** When the first byte of the request under way left. */
  askedNs: bigint | undefined;
  /** When the last byte of its answer came, so far. */
  endedNs: bigint | undefined;
  good: boolean;
  /** What comes next from either side. */
  clientNext: number;
  serverNext: number | undefined;
  /** The end of what came from the server, beyond a gap too. */
  serverHighest: number | undefined;
}

/**
 * Reads how long requests waited from a capture at the client's interface. Begin and end are the kernel's
 * instants: what the client's process takes to notice an answer plays no part. What is sent again counts from its first time, and what comes again is
 * no later end.
 */
export class RequestWaits {
  readonly #connections = new Map<string, Connection>();

  /** The requests that the next packet ends. */
  push(packet: Packet): readonly RequestWait[] {
    const segment = segmentOf(packet);
    if (!segment) return [];
    const { from, to, flags } = segment;
    const [asking, answering] = [`${from} ${to}`, `${to} ${from}`];
    if (flags & FLAG.syn && !(flags & FLAG.ack)) return this.#open(asking, segment);
    const asked = this.#connections.get(asking);
    if (asked) return this.#fromClient(asking, asked, segment);
    const answered = this.#connections.get(answering);
    return answered ? this.#fromServer(answering, answered, segment) : [];
  }

  /** The requests that are under way when the capture ends: one without an answer was given up then. */
  end(atNs: bigint): readonly RequestWait[] {
    const rest = [...this.#connections.values()].flatMap((connection) => waitOf(connection, atNs));
    this.#connections.clear();
    return rest;
  }

  #open(key: string, { sequence, atNs }: Segment): readonly RequestWait[] {
    const before = this.#connections.get(key);
    // The same SYN once more: nobody has answered it.
    if (before?.sequence === sequence) return [];
    this.#connections.set(key, {
      ...{ sequence, openedNs: atNs, acceptedNs: undefined, reused: false, good: false },
      ...{ askedNs: undefined, endedNs: undefined, serverNext: undefined, serverHighest: undefined },
      clientNext: (sequence + 1) >>> 0,
    });
    // The end of the port's earlier connection was not seen.
    return before ? waitOf(before, atNs) : [];
  }

  #fromClient(key: string, connection: Connection, segment: Segment): readonly RequestWait[] {
    const { atNs, flags, sequence, length } = segment;
    // A client that ends the connection has read all, or has given up.
    if (flags & FLAG.rst || (flags & FLAG.fin && length === 0)) return this.#over(key, connection, atNs);
    const end = (sequence + length) >>> 0;
    if (length === 0 || !isAfter(end, connection.clientNext)) return [];
    connection.clientNext = end;
    const ended = connection.endedNs === undefined ? [] : waitOf(connection, atNs);
    if (ended.length > 0) {
      Object.assign(connection, { reused: true, good: false, askedNs: undefined, endedNs: undefined });
    }
    connection.askedNs ??= atNs;
    return ended;
  }

  #fromServer(key: string, connection: Connection, segment: Segment): readonly RequestWait[] {
    const { atNs, flags, sequence, length, text } = segment;
    // A reset takes an answer that was under way with it.
    if (flags & FLAG.rst) return this.#over(key, Object.assign(connection, { good: false }), atNs);
    if (flags & FLAG.syn) {
      connection.acceptedNs ??= atNs;
      connection.serverNext ??= (sequence + 1) >>> 0;
      return [];
    }
    if (length > 0) {
      const end = (sequence + length) >>> 0;
      const next = connection.serverNext ?? sequence;
      if (sequence === next && connection.endedNs === undefined) connection.good = GOOD.test(text);
      const highest = later(connection.serverHighest ?? next, end);
      // What fills a gap lets the client read on to the end of all that has come.
      if (isAfter(end, next)) connection.endedNs = atNs;
      connection.serverNext = isAfter(sequence, next) ? next : isAfter(end, next) ? highest : next;
      connection.serverHighest = highest;
    }
    return flags & FLAG.fin ? this.#over(key, connection, atNs) : [];
  }

  #over(key: string, connection: Connection, atNs: bigint): readonly RequestWait[] {
    this.#connections.delete(key);
    return waitOf(connection, atNs);
  }
}

const GOOD = /^HTTP\/1\.\d 200/;

function waitOf(connection: Connection, untilNs: bigint): readonly RequestWait[] {
  const { reused, openedNs, acceptedNs, askedNs, endedNs, good } = connection;
  const toNs = endedNs ?? untilNs;
  const answered = endedNs !== undefined && good;
  if (reused) {
    return askedNs === undefined ? [] : [{ atNs: askedNs, waitNs: toNs - askedNs, clientNs: 0n, answered }];
  }
  const clientNs = askedNs !== undefined && acceptedNs !== undefined ? askedNs - acceptedNs : 0n;
  return [{ atNs: openedNs, waitNs: toNs - openedNs, clientNs, answered }];
}

/** Sequence numbers begin anew after 2^32 (RFC 9293, section 3.4). */
function isAfter(one: number, other: number): boolean {
  return ((one - other) | 0) > 0;
}

function later(one: number, other: number): number {
  return isAfter(one, other) ? one : other;
}

function segmentOf({ atNs, data }: Packet): Segment | undefined {
  const packet = data.subarray(ETHERNET_HEADER);
  const version = (packet[0] ?? 0) >> 4;
  const found = version === 4 ? ipv4(packet) : version === 6 ? ipv6(packet) : undefined;
  if (!found || found.tcp.length < TCP_HEADER) return undefined;
  const { tcp, source, destination, bytes } = found;
  const header = (tcp.readUInt8(12) >> 4) * 4;
  return {
    atNs,
    from: `${source}:${tcp.readUInt16BE(0)}`,
    to: `${destination}:${tcp.readUInt16BE(2)}`,
    sequence: tcp.readUInt32BE(4),
    flags: tcp.readUInt8(13),
    length: Math.max(0, bytes - header),
    text: tcp.toString('latin1', header, header + 12),
  };
}

interface Carried {
  readonly tcp: Buffer;
  readonly source: string;
  readonly destination: string;
  /** The length of the whole segment: the capture may hold less, and a short frame is padded. */
  readonly bytes: number;
}

function ipv4(packet: Buffer): Carried | undefined {
  if (packet.length < 20 || packet[9] !== TCP) return undefined;
  const header = (packet.readUInt8(0) & 0x0f) * 4;
  return {
    tcp: packet.subarray(header),
    source: packet.toString('hex', 12, 16),
    destination: packet.toString('hex', 16, 20),
    bytes: packet.readUInt16BE(2) - header,
  };
}

function ipv6(packet: Buffer): Carried | undefined {
  if (packet.length < IPV6_HEADER || packet[6] !== TCP) return undefined;
  return {
    tcp: packet.subarray(IPV6_HEADER),
    source: packet.toString('hex', 8, 24),
    destination: packet.toString('hex', 24, 40),
    bytes: packet.readUInt16BE(4),
  };
}
