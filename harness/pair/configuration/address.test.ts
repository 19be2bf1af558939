import test from 'ava';
import { canonical } from './address.ts';

for (const [written, shared] of [
  ['192.0.2.10/24', '192.0.2.10'],
  ['2001:DB8:0::0010/64', '2001:db8::10'],
  ['fe80::1', 'fe80::1'],
  ['10', '10'],
  ['example.org', 'example.org'],
] as const) {
  test(`${written} is ${shared}`, (t) => {
    t.is(canonical(written), shared);
  });
}
