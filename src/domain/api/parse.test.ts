import test from 'ava';
import { InvalidLoadBalancer } from '../schema/invalid.ts';
import { parseLoadBalancer } from './parse.ts';

const message = (json: unknown) => {
  try {
    parseLoadBalancer(json);
  } catch (error) {
    return error instanceof InvalidLoadBalancer ? error.message : `not InvalidLoadBalancer: ${error}`;
  }
  return undefined;
};

test('a misspelt field is named with its place and its nearest match', (t) => {
  t.is(
    message({ listeners: [{ protocol: 'HTTP', protocl_port: 80 }] }),
    'listeners[0].protocl_port: there is no such field; the nearest is "protocol_port"',
  );
});

test('an unknown value is answered with what is allowed', (t) => {
  t.regex(String(message({ topology: 'ACTIVE_STANBY' })), /^topology: must be one of ACTIVE_STANDBY, SINGLE/);
});

test('a pool may be nested, or referred to by name before it stands there', (t) => {
  const { listeners, pools } = parseLoadBalancer({
    listeners: [
      { protocol: 'TCP', protocol_port: 1, default_pool: { protocol: 'TCP' } },
      { protocol: 'TCP', protocol_port: 2, default_pool: { name: 'late' } },
    ],
    pools: [{ name: 'late', protocol: 'TCP' }],
  });
  t.deepEqual(
    listeners.map((listener) => pools.find((pool) => pool.id === listener.default_pool_id)?.name),
    [undefined, 'late'],
  );
  t.is(pools.length, 2);
});

test('equal files give equal ids', (t) => {
  const json = { listeners: [{ protocol: 'HTTP', protocol_port: 80 }] };
  t.deepEqual(parseLoadBalancer(json), parseLoadBalancer({ loadbalancer: json }));
});

test('what would break out of a configuration line is refused', (t) => {
  const policy = { action: 'REDIRECT_TO_URL', redirect_url: 'http://a/\n    daemon' };
  const found = message({ listeners: [{ protocol: 'HTTP', protocol_port: 80, l7policies: [policy] }] });
  t.regex(String(found), /^listeners\[0\]\.l7policies\[0\]\.redirect_url: must be one word/);
});

test('two listeners on one port are refused', (t) => {
  const listener = { protocol: 'HTTP', protocol_port: 80 };
  t.is(
    message({ listeners: [listener, listener] }),
    'listeners[1].protocol_port: 80 is taken by another listener',
  );
});

test('a wrong value is named where it stands, inside a named pool and an unnamed one', (t) => {
  const listener = (default_pool: object) => ({
    listeners: [{ protocol: 'HTTP', protocol_port: 80, default_pool }],
  });
  const monitor = { type: 'HTTP', delay: 'soon', timeout: 1, max_retries: 2 };
  for (const named of [{}, { name: 'p' }, { id: '22222222-0000-4000-8000-000000000001' }]) {
    t.regex(
      String(message(listener({ ...named, protocol: 'HTTP', healthmonitor: monitor }))),
      /^listeners\[0\]\.default_pool\.healthmonitor\.delay: must be a whole number .*; found "soon"$/,
    );
    t.regex(
      String(
        message(listener({ ...named, protocol: 'HTTP', members: [{ address: 'a', protocol_port: 1 }] })),
      ),
      /^listeners\[0\]\.default_pool\.members\[0\]\.address: must be an IP address; found "a"$/,
    );
    t.regex(
      String(message(listener({ ...named, protocol: 'HTPP' }))),
      /^listeners\[0\]\.default_pool\.protocol: must be one of .*; the nearest is HTTP$/,
    );
  }
  t.is(
    message(listener({ lb_algorithm: 'ROUND_ROBIN' })),
    'listeners[0].default_pool: must be a pool, or { "name": … } or { "id": … } of one',
  );
});

test('numbers and booleans may be texts, and null is nothing but a disabled object', (t) => {
  const { listeners, pools } = parseLoadBalancer({
    listeners: [
      {
        ...{ protocol: 'HTTP', protocol_port: '80', admin_state_up: null, connection_limit: null },
        default_pool: {
          ...{ name: null, protocol: 'HTTP', session_persistence: null, tls_enabled: 'no' },
          members: [{ address: '10.0.0.1', protocol_port: ' 8_0 ', weight: '7', backup: 'ON' }],
          healthmonitor: { type: 'HTTP', delay: '3', timeout: '1', max_retries: '2', http_version: '1.1' },
        },
      },
    ],
  });
  t.like(listeners[0], { protocol_port: 80, admin_state_up: false, connection_limit: -1 });
  t.like(pools[0]?.members[0], { protocol_port: 80, weight: 7, backup: true, admin_state_up: true });
  t.like(pools[0]?.healthmonitor, { delay: 3, http_version: 1.1 });
});

test('a VIP that says its subnet alone gets an address that nobody has', (t) => {
  const subnet_id = '0d4f6a08-60b7-44ab-8903-f7d76ec54095';
  const vips = (additional_vips: object[], vip_address = '172.16.1.10') =>
    parseLoadBalancer({ vip_address, additional_vips }).additional_vips.map((vip) => vip.ip_address);
  t.deepEqual(vips([{ subnet_id }]), ['2001:db8:1::10']);
  t.deepEqual(vips([{ subnet_id }], '2001:db8:1::10'), ['2001:db8:3::10']);
  t.deepEqual(vips([{ subnet_id, subnet_cidr: '192.0.2.16/28', gateway_ip: '192.0.2.17' }]), ['192.0.2.18']);
  t.regex(String(message({ additional_vips: [{}] })), /^additional_vips\[0\]\.subnet_id: is missing/);
});

test("addresses that are another's, or of another subnet, are refused", (t) => {
  const vip = { vip_address: '10.0.0.5', subnet_cidr: '10.0.0.0/24' };
  const refused: [object, RegExp][] = [
    [{ ...vip, gateway_ip: '10.0.0.5' }, /^vip_address: 10\.0\.0\.5 is the address of the gateway/],
    [{ ...vip, gateway_ip: '10.0.1.1' }, /^gateway_ip: must lie in subnet_cidr 10\.0\.0\.0\/24/],
    [{ ...vip, gateway_ip: '2001:db8::1' }, /^gateway_ip: must lie in subnet_cidr/],
    [
      { ...vip, additional_vips: [{ ip_address: '10.0.0.5' }] },
      /^additional_vips\[0\]\.ip_address: .* is vip_address/,
    ],
    [{ ...vip, host_routes: [{ destination: '::/0', nexthop: '10.0.0.1' }] }, /^host_routes\[0\]\.nexthop/],
  ];
  for (const [json, expected] of refused) t.regex(String(message(json)), expected);
  const amphorae = (vrrp_ip: string) => ({
    ...{ ...vip, topology: 'SINGLE' },
    amphorae: [{ id: '22222222-0000-4000-8000-000000000001', role: 'STANDALONE', vrrp_ip }],
    pools: [{ protocol: 'TCP', members: [{ address: '10.0.0.9', protocol_port: 80 }] }],
  });
  t.is(message(amphorae('10.0.0.6')), undefined);
  t.regex(
    String(message(amphorae('10.0.0.5'))),
    /^amphorae\[0\]\.vrrp_ip: 10\.0\.0\.5 is the address of the VIP/,
  );
  t.regex(String(message(amphorae('10.0.0.9'))), /is the address of a member/);
  t.regex(String(message(amphorae('10.0.1.9'))), /must lie in subnet_cidr/);
});
