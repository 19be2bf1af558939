import test from 'ava';
import { describeVip, vipRequest, vipsOf } from './plugged-interface.ts';

const REQUEST = vipRequest.parse({
  subnet_cidr: '172.16.1.0/24',
  gateway: '172.16.1.1',
  mac_address: 'fa:16:3e:00:00:01',
  mtu: 1450,
  vrrp_ip: '172.16.1.3',
  host_routes: [{ destination: '10.0.0.0/8', nexthop: '172.16.1.254' }],
  additional_vips: [
    { ip_address: '2001:db8::10', subnet_cidr: '2001:db8::/64', gateway: '2001:db8::1', host_routes: [] },
  ],
});

test('in a pair the VIPs are left to keepalived', (t) => {
  const { addresses, routes, rules, mtu } = describeVip('eth1', '172.16.1.10', REQUEST, 'ACTIVE_STANDBY');
  t.deepEqual(addresses, ['172.16.1.3/24']);
  t.deepEqual(routes, [
    'default via 172.16.1.1 dev eth1 onlink',
    '10.0.0.0/8 via 172.16.1.254 dev eth1 onlink',
    '2001:db8::/64 dev eth1 scope link',
    'default via 2001:db8::1 dev eth1 onlink',
  ]);
  t.deepEqual(rules, []);
  t.is(mtu, 1450);
});

test('an amphora that stands alone holds the VIPs itself, and answers from their network', (t) => {
  const { addresses, routes, rules } = describeVip('eth1', '172.16.1.10', REQUEST, 'SINGLE');
  t.deepEqual(addresses, ['172.16.1.3/24', '172.16.1.10/32', '2001:db8::10/128']);
  t.deepEqual(
    routes.filter((route) => route.endsWith('table 1')),
    [
      '172.16.1.0/24 dev eth1 src 172.16.1.10 scope link table 1',
      'default via 172.16.1.1 dev eth1 onlink table 1',
      '10.0.0.0/8 via 172.16.1.254 dev eth1 onlink table 1',
      '2001:db8::/64 dev eth1 src 2001:db8::10 scope link table 1',
      'default via 2001:db8::1 dev eth1 onlink table 1',
    ],
  );
  t.deepEqual(rules, [
    'from 172.16.1.10/32 table 1 priority 100',
    'from 2001:db8::10/128 table 1 priority 100',
  ]);
});

test("replies leave by their VIP's own gateway, and what goes to members by the first's", (t) => {
  const second = { ip_address: '172.16.2.10', subnet_cidr: '172.16.2.0/24', gateway: '172.16.2.1' };
  const request = vipRequest.parse({ ...REQUEST, host_routes: [], additional_vips: [second] });
  const { routes, rules } = describeVip('eth1', '172.16.1.10', request, 'SINGLE');
  t.deepEqual(
    routes.filter((route) => route.startsWith('default')),
    [
      'default via 172.16.1.1 dev eth1 onlink',
      'default via 172.16.1.1 dev eth1 onlink table 1',
      'default via 172.16.2.1 dev eth1 onlink table 2',
    ],
  );
  t.deepEqual(rules, [
    'from 172.16.1.10/32 table 1 priority 100',
    'from 172.16.2.10/32 table 2 priority 100',
  ]);
});

test('an additional VIP may have no gateway, said or unsaid; the VIP must say so', (t) => {
  const vip = { ip_address: '2001:db8::10', subnet_cidr: '2001:db8::/64' };
  for (const additional of [vip, { ...vip, gateway: null }]) {
    const request = vipRequest.parse({ ...REQUEST, additional_vips: [additional] });
    const { routes } = describeVip('eth1', '172.16.1.10', request, 'SINGLE');
    t.deepEqual(
      routes.filter((route) => route.includes('2001:')),
      ['2001:db8::/64 dev eth1 scope link', '2001:db8::/64 dev eth1 src 2001:db8::10 scope link table 1'],
    );
  }
  t.true(vipRequest.safeParse({ ...REQUEST, gateway: null }).success);
  t.false(vipRequest.safeParse({ ...REQUEST, gateway: undefined }).success);
});

test('the VIPs of an answer are written in full', (t) => {
  t.deepEqual(vipsOf('172.16.1.10', REQUEST), ['172.16.1.10', '2001:0db8:0000:0000:0000:0000:0000:0010']);
});

test('no value of a request becomes an argument of its own', (t) => {
  const asked = { subnet_cidr: '172.16.1.0/24', gateway: '172.16.1.1', mac_address: 'x' };
  for (const nexthop of ['172.16.1.1\nlink delete eth0', '172.16.1.1 table 5', '']) {
    const host_routes = [{ destination: '10.0.0.0/8', nexthop }];
    t.false(vipRequest.safeParse({ ...asked, host_routes }).success);
  }
  t.false(vipRequest.safeParse({ ...asked, gateway: '172.16.1.1 dev lo' }).success);
  t.false(vipRequest.safeParse({ ...asked, mtu: 10 }).success);
});
