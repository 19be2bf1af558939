import test from 'ava';
import { exploded, prefixLength, prefixLengthOf } from './addresses.ts';
import type { Refused } from './answer.ts';

const refusal = (work: () => unknown): unknown => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as Refused).answer.body;
  }
};

test("addresses are written as Octavia's answers write them", (t) => {
  t.is(exploded('172.16.1.10', 'Invalid VIP'), '172.16.1.10');
  t.is(exploded('2001:db8::1', 'Invalid VIP'), '2001:0db8:0000:0000:0000:0000:0000:0001');
  for (const text of ['x', '172.16.1.9/24', '1.2.3', '0x7f.1', 'fe80::1%eth0', '1.2.3.4;reboot']) {
    t.deepEqual(
      refusal(() => exploded(text, 'Invalid VIP')),
      {
        message: `Invalid VIP: '${text}' does not appear to be an IPv4 or IPv6 address`,
      },
    );
  }
});

test('a subnet has no host bits', (t) => {
  t.is(prefixLength('172.16.1.0/24', 'Invalid VIP'), 24);
  t.is(prefixLength('2001:db8::/64', 'Invalid VIP'), 64);
  t.deepEqual(
    refusal(() => prefixLength('172.16.1.9/24', 'Invalid VIP')),
    {
      message: 'Invalid VIP: 172.16.1.9/24 has host bits set',
    },
  );
  t.deepEqual(
    refusal(() => prefixLength('2001:db8::1/64', 'Invalid VIP')),
    {
      message: 'Invalid VIP: 2001:db8::1/64 has host bits set',
    },
  );
  t.deepEqual(
    refusal(() => prefixLength('172.16.1.0/33', 'Invalid VIP')),
    {
      message: "Invalid VIP: '172.16.1.0/33' does not appear to be an IPv4 or IPv6 network",
    },
  );
  for (const text of ['', '172.16.1.0', '172.16.1.0/', '/24', '172.16.1.0/1e1', '172.16.1.0/-1']) {
    t.is(prefixLengthOf(text), undefined);
  }
});
