import test from 'ava';
import fc from 'fast-check';
import { decodeFrame, LINKTYPE_LINUX_SLL2 } from './frame.ts';
import { PcapReader, pcapng } from './pcap.ts';

function capture(packets: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b23c4d, 0);
  const records = packets.flatMap((data, n) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(1_700_000_000, 0);
    head.writeUInt32LE(n, 4);
    head.writeUInt32LE(data.length, 8);
    head.writeUInt32LE(data.length, 12);
    return [head, data];
  });
  return Buffer.concat([header, ...records]);
}

test('packets are the same however the stream is cut', (t) => {
  const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array));
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 8 }), fc.integer({ min: 1, max: 50 }), (packets, size) => {
        const stream = capture(packets);
        const reader = new PcapReader();
        const read = [];
        for (let at = 0; at < stream.length; at += size)
          read.push(...reader.push(stream.subarray(at, at + size)));
        return (
          read.length === packets.length &&
          read.every(
            (packet, n) =>
              packet.data.equals(packets[n] ?? Buffer.alloc(0)) &&
              packet.atNs === 1_700_000_000_000_000_000n + BigInt(n),
          )
        );
      }),
    ),
  );
});

test('a stream of another format is refused by its magic number', (t) => {
  t.throws(() => new PcapReader().push(Buffer.alloc(24, 1)), { message: /0x1010101/ });
});

test('blocks of a pcapng file are multiples of four and say their length twice', (t) => {
  for (const length of [0, 1, 2, 3, 60]) {
    const block = pcapng.packet({ atNs: 5n, data: Buffer.alloc(length), originalLength: length }, 'Ω');
    t.is(block.length % 4, 0);
    t.is(block.readUInt32LE(4), block.length);
    t.is(block.readUInt32LE(block.length - 4), block.length);
  }
  t.is(pcapng.header(LINKTYPE_LINUX_SLL2, 'switch').length % 4, 0);
});

/** SLL2 header (interface 7, incoming) and payload. */
function sll2(etherType: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(etherType, 0);
  header.writeUInt32BE(7, 4);
  Buffer.from('fa163e000002', 'hex').copy(header, 12);
  return Buffer.concat([header, payload]);
}

const decode = (data: Buffer) =>
  decodeFrame({ atNs: 1n, data, originalLength: data.length }, (ifindex) =>
    ifindex === 7 ? 'amphora-2' : undefined,
  );

test('an advertisement of VRRPv2 is read with priority and interval', (t) => {
  const ip = Buffer.from('45c00028000100 00ff700000ac100107ac100103'.replaceAll(' ', ''), 'hex');
  const vrrp = Buffer.from('21015a010101ba52ac10010a', 'hex');
  const seen = decode(sll2(0x0800, Buffer.concat([ip, vrrp])));
  t.is(seen?.port, 'amphora-2');
  t.is(seen?.direction, 'in');
  t.like(seen?.frame, {
    type: 'vrrp',
    version: 2,
    priority: 90,
    advertIntervalMs: 1000,
    sourceIp: '172.16.1.7',
  });
});

test('an ARP whose sender asks for itself is gratuitous', (t) => {
  const arp = Buffer.from('0001080006040001fa163e000002ac10010affffffffffffac10010a', 'hex');
  t.like(decode(sll2(0x0806, arp))?.frame, { type: 'arp', gratuitous: true, senderIp: '172.16.1.10' });
});

test('no bytes make the decoder throw', (t) => {
  const types = fc.constantFrom(0x0800, 0x0806, 0x86dd, 0x9999);
  t.notThrows(() =>
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 80 }), (type, bytes) => {
        decode(sll2(type, Buffer.from(bytes)));
      }),
    ),
  );
});
