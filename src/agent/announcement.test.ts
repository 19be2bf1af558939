import test from 'ava';
import fc from 'fast-check';
import { announcement } from './announcement.ts';

const MAC = 'fa:16:3e:00:00:01';

test('IPv4 is announced by a gratuitous ARP request', (t) => {
  t.is(
    announcement('172.16.1.10', MAC).toString('hex'),
    [
      ...['ffffffffffff', 'fa163e000001', '0806', '0001', '0800', '0604', '0001'],
      ...['fa163e000001', 'ac10010a', 'ffffffffffff', 'ac10010a'],
    ].join(''),
  );
});

test('IPv6 is announced to all nodes by a neighbour advertisement with a valid checksum', (t) => {
  const frame = announcement('2001:db8:1::10', MAC);
  t.is(frame.subarray(0, 14).toString('hex'), '333300000001fa163e00000186dd');
  t.is(frame.readUInt8(14 + 6), 58, 'next header');
  t.is(frame.readUInt8(14 + 7), 255, 'hop limit, RFC 4861, section 7.1.2');
  t.is(frame.subarray(54, 56).toString('hex'), '8800');
  t.is(
    frame.subarray(58).toString('hex'),
    'a000000020010db80001000000000000000000100201fa163e000001',
    'router and override, the target, its MAC',
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        const bytes = announcement(ip, MAC);
        // RFC 8200, section 8.1: source, destination, length and next header before what is summed.
        const summed = Buffer.concat([
          bytes.subarray(22, 54),
          Buffer.from('000000200000003a', 'hex'),
          bytes.subarray(54),
        ]);
        let sum = 0;
        for (let at = 0; at < summed.length; at += 2) sum += summed.readUInt16BE(at);
        while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
        return bytes.length === 14 + 40 + 32 && sum === 0xffff;
      }),
    ),
  );
});
