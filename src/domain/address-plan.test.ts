import test from 'ava';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { addressPlan, amphoraAddresses } from './address-plan.ts';
import { parseLoadBalancer } from './api/parse.ts';
import { canonical, contains, hostOf, ipVersion, networkOf, roomIn } from './schema/address.ts';
import { InvalidLoadBalancer } from './schema/invalid.ts';

const USUAL = { vip: '172.16.1.10', subnets: [{ subnet_cidr: '172.16.1.0/24', gateway_ip: '172.16.1.1' }] };

/** A subnet of any size from /30 and /126 up. */
const subnet = fc.oneof(
  fc
    .tuple(fc.ipV4(), fc.integer({ min: 8, max: 30 }))
    .map(([address, prefix]) => networkOf(`${address}/${prefix}`)),
  fc
    .tuple(fc.ipV6(), fc.integer({ min: 48, max: 126 }))
    .filter(([address]) => !address.includes('.'))
    .map(([address, prefix]) => networkOf(`${address}/${prefix}`)),
);

/** A host of a subnet: near its beginning, where everybody wants to be, or anywhere. */
const hostIn = (cidr: string) =>
  fc
    .oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 1e9 }))
    .map((n) => hostOf(cidr, 1 + ((n - 1) % roomIn(cidr))));

const described = subnet.chain((cidr) =>
  fc.record({
    cidr: fc.constant(cidr),
    vip: hostIn(cidr),
    other: hostIn(cidr),
    gateway: fc.option(hostIn(cidr), { nil: undefined }),
    members: fc.array(hostIn(cidr), { maxLength: 12 }),
    topology: fc.constantFrom('SINGLE', 'ACTIVE_STANDBY'),
    count: fc.integer({ min: 1, max: 4 }),
  }),
);

test('an amphora never has the address of a VIP, a member, a gateway, the network or its broadcast', (t) => {
  let placed = 0;
  fc.assert(
    fc.property(described, ({ cidr, vip, other, gateway, members, topology, count }) => {
      fc.pre(vip !== other && gateway !== vip && gateway !== other);
      const loadBalancer = {
        ...parseLoadBalancer({ topology, vip_address: vip, subnet_cidr: cidr }),
        additional_vips: [{ ip_address: other, host_routes: [] }],
        pools: parseLoadBalancer({
          pools: [
            {
              protocol: 'TCP',
              members: [...new Set(members)].map((address) => ({ address, protocol_port: 80 })),
            },
          ],
        }).pools,
        subnet: { subnet_cidr: cidr, gateway_ip: gateway, host_routes: [] },
      };
      const plan = addressPlan(loadBalancer, USUAL);
      const others = new Set([vip, other, gateway, ...members]);
      const free = roomIn(cidr) - [...others].filter((address) => address !== undefined).length;
      let found: string[];
      try {
        found = amphoraAddresses(plan, count);
      } catch (error) {
        return (
          error instanceof InvalidLoadBalancer && error.message.startsWith('subnet_cidr: ') && free < count
        );
      }
      placed += 1;
      const [base, prefix] = ipaddr.parseCIDR(cidr);
      const last =
        base instanceof ipaddr.IPv4
          ? ipaddr.IPv4.broadcastAddressFromCIDR(`${base}/${prefix}`).toString()
          : '';
      return (
        new Set(found).size === count &&
        found.every(
          (address) =>
            contains(cidr, address) &&
            ipVersion(address) === ipVersion(cidr) &&
            canonical(address) === address &&
            !others.has(address) &&
            address !== base.toString() &&
            address !== last,
        )
      );
    }),
    { numRuns: 2000 },
  );
  t.true(placed > 500);
});

const plan = (fields: object) => addressPlan(parseLoadBalancer(fields), USUAL);

test('amphorae have the usual addresses, and others where somebody has those', (t) => {
  t.deepEqual(amphoraAddresses(plan({}), 2), ['172.16.1.3', '172.16.1.7']);
  t.deepEqual(amphoraAddresses(plan({ vip_address: '10.0.0.7' }), 2), ['10.0.0.3', '10.0.0.21']);
  t.deepEqual(amphoraAddresses(plan({ vip_address: '2001:db8:1::3' }), 2), [
    '2001:db8:1::7',
    '2001:db8:1::15',
  ]);
});

test('the addresses of a subnet of six are those six', (t) => {
  const small = { vip_address: '203.0.113.10', subnet_cidr: '203.0.113.8/29', gateway_ip: '203.0.113.9' };
  t.deepEqual(amphoraAddresses(plan(small), 2), ['203.0.113.11', '203.0.113.12']);
});

for (const subnet_cidr of ['203.0.113.8/30', '203.0.113.252/30', '203.0.113.8/31', '2001:db8::/127']) {
  test(`${subnet_cidr} has no room for a pair, and the sentence says so`, (t) => {
    const vip_address = subnet_cidr.includes(':') ? '2001:db8::1' : hostOf(subnet_cidr, 1);
    t.throws(() => amphoraAddresses(plan({ vip_address, subnet_cidr }), 2), {
      instanceOf: InvalidLoadBalancer,
      message: /^subnet_cidr: must have room for 2 amphorae .*; found \S+ with [02] addresses for hosts$/,
    });
  });
}

test('a gateway that nobody names is neither the VIP nor a member', (t) => {
  t.is(plan({ vip_address: '10.0.0.1' }).vip.gateway_ip, '10.0.0.2');
  t.is(plan({ vip_address: '172.16.1.1' }).vip.gateway_ip, '172.16.1.2');
});
