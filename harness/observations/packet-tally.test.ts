import test from 'ava';
import { PacketTally } from './packet-tally.ts';

const echo = (atMs: number, type: 8 | 0) => {
  const data = Buffer.alloc(60);
  data.writeUInt8(0x45, 14);
  data.writeUInt8(1, 23);
  data.writeUInt8(type, 34);
  return { atNs: BigInt(Math.round(atMs * 1e6)), data, originalLength: data.length };
};

/** A packet each ms, answered 0.2 ms later unless it was sent in the outage. */
function observed(fromMs: number, toMs: number, held = false) {
  const packets = Array.from({ length: 3000 }, (_, n) => n).flatMap((n) => {
    const out = n >= fromMs && n < toMs;
    if (out && !held) return [echo(n, 8)];
    return [echo(n, 8), echo(out ? toMs + 0.01 : n + 0.2, 0)];
  });
  packets.sort((a, b) => Number(a.atNs - b.atNs));
  const tally = new PacketTally();
  return packets.flatMap((packet) => tally.push(packet));
}

test('an outage is one silence, as long as it was', (t) => {
  const silences = observed(1000, 1250).filter((entry) => entry.kind === 'silence' && !entry.open);
  t.is(silences.length, 1);
  t.like(silences[0], { atNs: '999200000', untilNs: '1250200000', sent: 251, spacingMs: 1 });
});

test('packets that were held count from when they were let through', (t) => {
  const silences = observed(1000, 1250, true).filter((entry) => entry.kind === 'silence' && !entry.open);
  t.is(silences.length, 1);
  t.like(silences[0], { atNs: '999200000', untilNs: '1250010000' });
});

test('every packet is counted, and nothing is silent where all are answered', (t) => {
  const seen = observed(0, 0);
  t.deepEqual(
    seen.filter(({ kind }) => kind === 'silence'),
    [],
  );
  const sent = seen.reduce((sum, entry) => sum + (entry.kind === 'packets' ? entry.sent : 0), 0);
  t.true(sent > 2700 && sent <= 3000, String(sent));
});

test('the first packet is counted at once, and then ten times a second', (t) => {
  const untilMs = observed(0, 0).flatMap((entry) =>
    entry.kind === 'packets' ? [Number(entry.untilNs) / 1e6] : [],
  );
  t.deepEqual(untilMs.slice(0, 3), [0, 100.2, 201]);
});

test('the answer to a request is reported with the port that it came to', (t) => {
  const four = Buffer.alloc(60);
  four.writeUInt8(0x46, 14);
  four.writeUInt8(6, 23);
  four.writeUInt16BE(40_001, 14 + 24 + 2);
  const six = Buffer.alloc(64);
  six.writeUInt8(0x60, 14);
  six.writeUInt8(17, 20);
  six.writeUInt16BE(40_002, 14 + 40 + 2);
  const tally = new PacketTally();
  const told = [four, six].flatMap((data, n) =>
    tally.push({ atNs: BigInt(n), data, originalLength: data.length }),
  );
  t.deepEqual(told, [
    { kind: 'answer', atNs: '0', port: 40_001 },
    { kind: 'answer', atNs: '1', port: 40_002 },
  ]);
});

test('no bytes make the tally throw', (t) => {
  for (const length of [0, 14, 15, 34, 53]) {
    t.deepEqual(
      new PacketTally().push({ atNs: 1n, data: Buffer.alloc(length, 0x45), originalLength: 9 }),
      [],
    );
  }
});
