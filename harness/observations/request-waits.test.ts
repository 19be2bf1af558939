import test from 'ava';
import { evened, type RequestWait, RequestWaits } from './request-waits.ts';

type Sender = 'client' | 'server';
interface Sent {
  readonly atUs: number;
  readonly by: Sender;
  readonly flags: string;
  readonly sequence: number;
  readonly text?: string;
  readonly port?: number;
}

const FLAGS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, A: 16 };
const ANSWER = 'HTTP/1.1 200 OK\r\n\r\n';
const ASK = 'GET / HTTP/1.1\r\n\r\n';

/** A frame of Ethernet, as the capture has it. */
function frame({ by, flags, sequence, text = '', port = 40_000 }: Sent, version: 4 | 6): Buffer {
  const tcp = Buffer.alloc(32);
  const ports = by === 'client' ? [port, 8080] : [8080, port];
  tcp.writeUInt16BE(ports[0] ?? 0, 0);
  tcp.writeUInt16BE(ports[1] ?? 0, 2);
  tcp.writeUInt32BE(sequence >>> 0, 4);
  tcp.writeUInt8(8 << 4, 12);
  tcp.writeUInt8(
    [...flags].reduce((sum, flag) => sum | (FLAGS[flag] ?? 0), 0),
    13,
  );
  const body = Buffer.concat([tcp, Buffer.from(text)]);
  const ends = by === 'client' ? [1, 2] : [2, 1];
  const ethernet = Buffer.alloc(14);
  if (version === 6) {
    const ip = Buffer.alloc(40);
    ip.writeUInt8(0x60, 0);
    ip.writeUInt16BE(body.length, 4);
    ip.writeUInt8(6, 6);
    ip.writeUInt8(ends[0] ?? 0, 23);
    ip.writeUInt8(ends[1] ?? 0, 39);
    return Buffer.concat([ethernet, ip, body]);
  }
  const ip = Buffer.alloc(20);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(20 + body.length, 2);
  ip.writeUInt8(6, 9);
  ip.writeUInt8(ends[0] ?? 0, 15);
  ip.writeUInt8(ends[1] ?? 0, 19);
  // A short frame is padded to 60 bytes: the padding is no answer.
  return Buffer.concat([ethernet, ip, body, Buffer.alloc(6)]);
}

/** The waits in µs, those that were not answered with a minus. */
function waitsOf(
  sent: readonly Sent[],
  { version = 4 as 4 | 6, untilUs = 1_000_000 } = {},
): readonly number[] {
  const waits = new RequestWaits();
  const found: RequestWait[] = sent.flatMap((each) => {
    const data = frame(each, version);
    return waits.push({ atNs: BigInt(each.atUs) * 1000n, data, originalLength: data.length });
  });
  found.push(...waits.end(BigInt(untilUs) * 1000n));
  return found.map(({ waitNs, answered }) => (answered ? 1 : -1) * (Number(waitNs) / 1000));
}

const syn = (atUs: number, more: Partial<Sent> = {}): Sent => ({
  ...{ atUs, by: 'client', flags: 'S', sequence: 100 },
  ...more,
});
const synAck = (atUs: number, more: Partial<Sent> = {}): Sent => ({
  ...{ atUs, by: 'server', flags: 'SA', sequence: 500 },
  ...more,
});
const client = (atUs: number, text: string, sequence = 101, flags = 'A'): Sent => ({
  ...{ atUs, by: 'client', flags, sequence, text },
});
const server = (atUs: number, text: string, sequence = 501, flags = 'A'): Sent => ({
  ...{ atUs, by: 'server', flags, sequence, text },
});
const opened = [syn(0), synAck(100), client(110, ''), client(170, ASK)];

for (const version of [4, 6] as const) {
  test(`a wait is from SYN to the last byte, over IPv${version}`, (t) => {
    const rest = 501 + ANSWER.length;
    const packets = [
      ...opened,
      server(400, ANSWER),
      server(450, 'body', rest),
      server(460, '', rest + 4, 'FA'),
    ];
    t.deepEqual(waitsOf(packets, { version }), [450]);
  });
}

test('a SYN that is sent again counts from its first time', (t) => {
  const packets = [
    ...[syn(0), syn(200_000), synAck(200_100), client(200_150, ASK)],
    ...[server(200_400, ANSWER), server(200_410, '', 501 + ANSWER.length, 'FA')],
  ];
  t.deepEqual(waitsOf(packets), [200_400]);
});

test('a request that is sent again counts from its first time, and an answer that comes again is no later end', (t) => {
  const packets = [
    ...[...opened, client(900, ASK), server(1000, ANSWER), client(1100, ASK), server(1200, ANSWER)],
    server(1300, '', 501 + ANSWER.length, 'FA'),
  ];
  t.deepEqual(waitsOf(packets), [1000]);
});

test('an answer with a gap ends when the gap is filled', (t) => {
  const rest = 501 + ANSWER.length;
  const packets = [
    ...[...opened, server(300, ANSWER), server(400, 'tail', rest + 4), server(700, 'gap.', rest)],
    ...[server(800, 'tail', rest + 4), server(900, '', rest + 8, 'FA')],
  ];
  t.deepEqual(waitsOf(packets), [700]);
});

test('over a connection that is kept, each later request counts from its first byte', (t) => {
  const [ask, answer] = [101 + ASK.length, 501 + ANSWER.length];
  const packets = [
    ...[...opened, server(400, ANSWER), client(5000, ASK, ask), server(5250, ANSWER, answer)],
    // The server tires of it much later.
    server(900_000, '', answer + ANSWER.length, 'FA'),
  ];
  t.deepEqual(waitsOf(packets), [400, 250]);
});

test('a refused connection, one that is reset and one without an answer have failed', (t) => {
  t.deepEqual(waitsOf([syn(0), { ...synAck(120), flags: 'RA' }]), [-120]);
  t.deepEqual(waitsOf([...opened, server(300, ANSWER), server(400, '', 520, 'R')]), [-300]);
  t.deepEqual(waitsOf([...opened, server(300, 'HTTP/1.1 503 Service Unavailable\r\n\r\n')]), [-300]);
  t.deepEqual(waitsOf([...opened, client(600, '', 101 + ASK.length, 'FA')]), [-600]);
  t.deepEqual(waitsOf([syn(0), syn(200_000)]), [-1_000_000]);
});

test('sequence numbers begin anew, and so does a port', (t) => {
  const [first, last] = [0xffff_fff0, 0xffff_fff0 + 1];
  const wrapped = [
    ...[syn(0), synAck(100, { sequence: first }), client(110, ASK)],
    ...[server(300, ANSWER, last), server(350, 'body', last + ANSWER.length)],
    server(360, '', last + ANSWER.length + 4, 'FA'),
  ];
  const again = [syn(1000, { sequence: 9000 }), synAck(1100), client(1110, ASK, 9001), server(1300, ANSWER)];
  t.deepEqual(waitsOf([...wrapped, ...again]), [350, 300]);
});

test('connections at the same time are separate where their ports differ', (t) => {
  const other = { port: 40_001 };
  const packets = [
    ...[
      syn(0),
      syn(10, other),
      synAck(100),
      synAck(110, other),
      client(120, ASK),
      { ...client(130, ASK), ...other },
    ],
    ...[{ ...server(300, ANSWER), ...other }, server(500, ANSWER)],
  ];
  t.deepEqual(waitsOf(packets), [500, 290]);
});

test("the client's own part is from the accepted connection to its request", (t) => {
  const waits = new RequestWaits();
  const found = [...opened, server(400, ANSWER), server(450, '', 501 + ANSWER.length, 'FA')].flatMap(
    (each) => {
      const data = frame(each, 4);
      return waits.push({ atNs: BigInt(each.atUs) * 1000n, data, originalLength: data.length });
    },
  );
  t.deepEqual(found, [{ atNs: 0n, waitNs: 400_000n, clientNs: 70_000n, answered: true }]);
});

test('what is neither TCP nor whole is passed over', (t) => {
  const waits = new RequestWaits();
  for (const data of [Buffer.alloc(0), Buffer.alloc(30), frame(syn(0), 4).subarray(0, 40)]) {
    t.deepEqual(waits.push({ atNs: 0n, data, originalLength: data.length }), []);
  }
  t.deepEqual(waits.end(1n), []);
});

test('where the client itself is slow now and then, a wait does not become longer', (t) => {
  const wait = (waitNs: bigint, clientNs: bigint, answered = true) => ({
    atNs: 0n,
    waitNs,
    clientNs,
    answered,
  });
  const waits = [wait(200_000n, 50_000n), wait(950_000n, 800_000n), wait(310_000n, 60_000n)];
  const { answeredMs, failedMs, clientMs } = evened([...waits, wait(100_000_000n, 60_000n, false)]);
  t.is(clientMs, 0.06);
  t.deepEqual(
    answeredMs.map((ms) => Number(ms.toFixed(3))),
    [0.21, 0.21, 0.31],
  );
  t.deepEqual(failedMs, [100]);
});
