import test from 'ava';
import { batchOf, rulesOf } from './recorded-interfaces.ts';

const PLUGGED = {
  name: 'eth1',
  mac_address: 'FA:16:3E:00:00:01',
  addresses: ['172.16.1.3/24', '2001:db8::3/64'],
  routes: ['default via 172.16.1.1 dev eth1 onlink'],
  rules: ['from 172.16.1.10/32 table 1 priority 100', 'from 2001:db8::10/128 table 2 priority 100'],
};

test('a record names its NIC as the kernel writes its MAC, and brings an interface up between its addresses and its routes', (t) => {
  t.is(
    batchOf({ ...PLUGGED, mtu: 1450 }),
    [
      '# fa:16:3e:00:00:01',
      'link set dev eth1 mtu 1450',
      'address replace 172.16.1.3/24 dev eth1',
      'address replace 2001:db8::3/64 dev eth1 nodad',
      'link set dev lo up',
      'link set dev eth1 up',
      'route replace default via 172.16.1.1 dev eth1 onlink',
      '',
    ].join('\n'),
  );
});

test('each rule has its family, and an interface without rules has an empty list', (t) => {
  t.is(
    rulesOf(PLUGGED),
    '-4 from 172.16.1.10/32 table 1 priority 100\n-6 from 2001:db8::10/128 table 2 priority 100\n',
  );
  t.is(rulesOf({ ...PLUGGED, rules: [] }), '');
});
