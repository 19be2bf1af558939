import { createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { encodeHeartbeat } from './encode-heartbeat.ts';
import { decodeHeartbeat, type HealthMessage, NoHeartbeat } from './message.ts';

const MESSAGE: HealthMessage = {
  id: 'cd444019-ce8f-4f89-be6b-0edf76f41b77',
  seq: 67,
  listeners: { l: { status: 'OPEN', stats: { tx: 1, rx: 2, conns: 3, totconns: 4, ereq: 5 } } },
  pools: { 'p:l': { status: 'UP', members: { m: 'no check' } } },
  ver: 3,
};

test('a heartbeat is taken with the digest in hexadecimal digits and, as before Train, as it is', (t) => {
  const payload = deflateSync(JSON.stringify(MESSAGE));
  const digest = createHmac('sha256', 'key').update(payload).digest();
  t.deepEqual(decodeHeartbeat(encodeHeartbeat(MESSAGE, 'key'), 'key'), MESSAGE);
  t.deepEqual(decodeHeartbeat(Buffer.concat([payload, Buffer.from(digest.toString('hex'))]), 'key'), MESSAGE);
  t.deepEqual(decodeHeartbeat(Buffer.concat([payload, digest]), 'key'), MESSAGE);
});

test('a datagram that was cut, altered or signed with another key is none', (t) => {
  const datagram = encodeHeartbeat(MESSAGE, 'key');
  t.throws(() => decodeHeartbeat(datagram, 'another'), { instanceOf: NoHeartbeat });
  for (let length = 0; length < datagram.length; length++) {
    t.throws(() => decodeHeartbeat(datagram.subarray(0, length), 'key'), { instanceOf: NoHeartbeat });
  }
  fc.assert(
    fc.property(fc.nat(datagram.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const altered = Buffer.from(datagram);
      altered[at] = (altered[at] ?? 0) ^ flip;
      // The hexadecimal digits of the digest may change case: that is no forgery.
      if (altered.toString('latin1').toLowerCase() === datagram.toString('latin1').toLowerCase()) return;
      t.throws(() => decodeHeartbeat(altered, 'key'), { instanceOf: NoHeartbeat });
    }),
  );
});

test('what is signed but no message is none either', (t) => {
  const sign = (payload: Buffer) =>
    Buffer.concat([payload, createHmac('sha256', 'key').update(payload).digest()]);
  for (const payload of [Buffer.from('{}'), deflateSync('{'), deflateSync('{"id":1}')]) {
    t.throws(() => decodeHeartbeat(sign(payload), 'key'), { instanceOf: NoHeartbeat });
  }
});
