/** One captured packet as libpcap recorded it. */
export interface Packet {
  /** Kernel time stamp, ns since the epoch. */
  readonly atNs: bigint;
  readonly data: Buffer;
  readonly originalLength: number;
}

const MAGIC_NS = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/**
 * Reads a libpcap stream with nanosecond time stamps, little endian, as it arrives in pieces
 * (format: draft-ietf-opsawg-pcap).
 * @throws when the stream is of another format.
 */
export class PcapReader {
  #rest: Buffer = Buffer.alloc(0);
  #started = false;

  /** The packets that the new piece completes. */
  push(piece: Buffer): Packet[] {
    this.#rest = this.#rest.length ? Buffer.concat([this.#rest, piece]) : piece;
    const packets: Packet[] = [];
    let offset = 0;
    if (!this.#started) {
      if (this.#rest.length < FILE_HEADER) return packets;
      const magic = this.#rest.readUInt32LE(0);
      if (magic !== MAGIC_NS) {
        throw new Error(
          `The capture starts with 0x${magic.toString(16)}, not with nanosecond libpcap's 0xa1b23c4d.`,
        );
      }
      this.#started = true;
      offset = FILE_HEADER;
    }
    while (this.#rest.length - offset >= RECORD_HEADER) {
      const captured = this.#rest.readUInt32LE(offset + 8);
      const end = offset + RECORD_HEADER + captured;
      if (this.#rest.length < end) break;
      packets.push({
        atNs:
          BigInt(this.#rest.readUInt32LE(offset)) * 1_000_000_000n +
          BigInt(this.#rest.readUInt32LE(offset + 4)),
        data: this.#rest.subarray(offset + RECORD_HEADER, end),
        originalLength: this.#rest.readUInt32LE(offset + 12),
      });
      offset = end;
    }
    this.#rest = this.#rest.subarray(offset);
    return packets;
  }
}

/** Blocks of a pcapng file (draft-ietf-opsawg-pcapng): one section, one interface, nanosecond stamps. */
export const pcapng = {
  /** What the file starts with. */
  header(linkType: number, interfaceName: string): Buffer {
    const section = Buffer.alloc(16);
    section.writeUInt32LE(0x1a2b3c4d, 0);
    section.writeUInt16LE(1, 4);
    section.writeUInt16LE(0, 6);
    section.writeBigInt64LE(-1n, 8);
    const description = Buffer.alloc(8);
    description.writeUInt16LE(linkType, 0);
    return Buffer.concat([
      block(0x0a0d0d0a, section),
      block(
        1,
        Buffer.concat([
          description,
          option(2, Buffer.from(interfaceName)),
          option(9, Buffer.from([9])),
          Buffer.alloc(4),
        ]),
      ),
    ]);
  },
  /** One packet, with a comment that Wireshark shows beside it. */
  packet({ atNs, data, originalLength }: Packet, comment?: string): Buffer {
    const head = Buffer.alloc(20);
    head.writeUInt32LE(Number(atNs >> 32n), 4);
    head.writeUInt32LE(Number(atNs & 0xffffffffn), 8);
    head.writeUInt32LE(data.length, 12);
    head.writeUInt32LE(originalLength, 16);
    const options = comment === undefined ? [] : [option(1, Buffer.from(comment)), Buffer.alloc(4)];
    return block(6, Buffer.concat([head, padded(data), ...options]));
  },
};

function block(type: number, body: Buffer): Buffer {
  const total = 12 + body.length;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(total, 4);
  return Buffer.concat([head, body, head.subarray(4)]);
}

function option(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

function padded(value: Buffer): Buffer {
  return Buffer.concat([value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}
