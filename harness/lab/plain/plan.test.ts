import test from 'ava';
import { HAPROXY_CFG, KEEPALIVED_CONF, type Overlay } from '../../pair/configuration/overlay.ts';
import { readPair } from '../../pair/configuration/pair.ts';
import { type PairPlan, planOf } from './plan.ts';

/** What a case says of a machine: lines of its instance, and of its VIPs. */
interface Written {
  readonly instance?: string;
  readonly vips?: string;
  /** Before the instance. */
  readonly before?: string;
  /** The whole of keepalived.conf. */
  readonly keepalived?: string;
  readonly files?: Readonly<Record<string, string>>;
}

const HAPROXY = `defaults
  mode http
frontend web
  bind *:80
  default_backend servers
backend servers
  server web1 192.0.2.21:8080 check
`;

function instance({ instance = 'interface eth0', vips = '192.0.2.10/24', before = '' }: Written, n: number) {
  return `${before}
vrrp_instance VI_1 {
  virtual_router_id 51
  priority ${100 - n}
  ${instance}
  virtual_ipaddress {
    ${vips}
  }
}
`;
}

function plan(written: readonly Written[], haproxy = HAPROXY): PairPlan {
  const overlays = written.map((one, n): Overlay => {
    const files = {
      [KEEPALIVED_CONF]: one.keepalived ?? instance(one, n),
      [HAPROXY_CFG]: haproxy,
      ...one.files,
    };
    return {
      name: 'abcde'[n] ?? '',
      files: new Map(Object.entries(files).map(([path, text]) => [path, { text, executable: false }])),
    };
  });
  return planOf(readPair(overlays, { packages: [] }));
}

const both = (written: Written) => [written, written];
/** The addresses of each NIC of each machine. */
const addresses = ({ nodes }: PairPlan) =>
  nodes.map(({ nics }) => nics.map(({ name, addresses }) => `${name} ${addresses.join(' ')}`));
const routers = ({ network }: PairPlan) =>
  network.subnets.map(({ router, subnet_cidr, segment }) => `${router} ${subnet_cidr} ${segment}`);

test('addresses that are written are taken: as a source, as a peer of another, in a network configuration', (t) => {
  const unicast = (own: string, peer: string): Written => ({
    instance: `interface eth0\n  unicast_src_ip ${own}\n  unicast_peer {\n    ${peer}\n  }`,
  });
  t.deepEqual(addresses(plan([unicast('192.0.2.31', '192.0.2.32'), unicast('192.0.2.32', '192.0.2.31')])), [
    ['eth0 192.0.2.31/24'],
    ['eth0 192.0.2.32/24'],
  ]);
  const bare = (peer: string): Written => ({
    instance: `interface eth0\n  unicast_peer {\n    ${peer}\n  }`,
  });
  t.deepEqual(addresses(plan([bare('192.0.2.42'), bare('192.0.2.41')])), [
    ['eth0 192.0.2.41/24'],
    ['eth0 192.0.2.42/24'],
  ]);
  const file = (path: string, text: string): Written => ({ files: { [path]: text } });
  t.deepEqual(
    addresses(
      plan([
        file(
          'etc/network/interfaces',
          'iface eth0 inet static\n  address 192.0.2.51\n  netmask 255.255.255.128\n',
        ),
        file('etc/netplan/01.yaml', 'network:\n  ethernets:\n    eth0:\n      addresses: [192.0.2.52/25]\n'),
        file('etc/systemd/network/eth0.network', '[Match]\nName=eth0\n[Network]\nAddress=192.0.2.53/25\n'),
      ]),
    ),
    [['eth0 192.0.2.51/25'], ['eth0 192.0.2.52/25'], ['eth0 192.0.2.53/25']],
  );
});

test('of one list of peers for all nodes each takes an address', (t) => {
  const instance = 'unicast_peer {\n192.0.2.31\n192.0.2.32\n}';
  t.deepEqual(addresses(plan(both({ instance }))), [['eth0 192.0.2.31/24'], ['eth0 192.0.2.32/24']]);
});

test('addresses that are not written are free ones of the VIP’s network', (t) => {
  const { nodes, network } = plan(both({}));
  t.deepEqual(routers({ nodes, network } as PairPlan), ['192.0.2.1 192.0.2.0/24 0']);
  t.deepEqual(
    nodes.map(({ vrrp }) => vrrp),
    [
      { interface: 'eth0', ip: '192.0.2.2' },
      { interface: 'eth0', ip: '192.0.2.3' },
    ],
  );
});

test('a VIP without prefix lies in the network of the own addresses, or on the wire beside it', (t) => {
  const source = (own: string): Written => ({
    instance: `interface eth0\n  mcast_src_ip ${own}`,
    vips: '203.0.113.7',
  });
  const beside = plan([source('10.1.0.4'), source('10.1.0.5')]);
  t.deepEqual(routers(beside), ['10.1.0.1 10.1.0.0/24 0']);
  t.deepEqual(beside.network.onLink, [{ address: '203.0.113.7', segment: 0 }]);
  const alone = plan(both({ vips: '203.0.113.7' }));
  t.deepEqual(routers(alone), ['203.0.113.1 203.0.113.0/24 0']);
  t.deepEqual(alone.network.onLink, []);
});

test('a VIP on another device is on a network of its own, which comes first', (t) => {
  const placed = plan(both({ instance: 'interface eth1', vips: '192.0.2.10/24 dev eth0 label eth0:vip' }));
  t.deepEqual(
    placed.nodes.map(({ nics, vrrp }) => [nics.map(({ name, port }) => `${name} ${port}`), vrrp.interface]),
    [
      [['eth0 a', 'eth1 a-1'], 'eth1'],
      [['eth0 b', 'eth1 b-1'], 'eth1'],
    ],
  );
  // Without an address VRRP cannot be spoken, and without a subnet the wire has no bridge.
  t.deepEqual(addresses(placed), [
    ['eth0 192.0.2.2/24', 'eth1 198.18.1.2/24'],
    ['eth0 192.0.2.3/24', 'eth1 198.18.1.3/24'],
  ]);
  t.deepEqual(
    placed.network.subnets.map(({ subnet_cidr }) => subnet_cidr),
    ['192.0.2.0/24', '198.18.1.0/24'],
  );
});

test('interfaces of one virtual router are on one wire, however they are named', (t) => {
  const placed = plan([{ instance: 'interface eth0' }, { instance: 'interface ens192' }]);
  t.deepEqual(routers(placed).length, 1);
  t.deepEqual(addresses(placed), [['eth0 192.0.2.2/24'], ['ens192 192.0.2.3/24']]);
});

test('an interface that is only tracked is there', (t) => {
  const placed = plan(both({ instance: 'interface eth0\n  track_interface {\n    eth2 weight -10\n  }' }));
  t.deepEqual(
    placed.nodes.map(({ nics }) => nics.map(({ name }) => name)),
    [
      ['eth0', 'eth2'],
      ['eth0', 'eth2'],
    ],
  );
});

test('over IPv6 VRRP speaks from the link-local address that the kernel makes of the MAC', (t) => {
  const { nodes, service } = plan(
    both({ vips: '2001:db8:7::10/64' }),
    HAPROXY.replace('*:80', ':::80 v4v6').replace('192.0.2.21', '[2001:db8:7::21]'),
  );
  t.is(service.vip, '2001:db8:7::10');
  t.deepEqual(nodes[0]?.nics[0]?.addresses, ['2001:db8:7::2/64']);
  t.is(nodes[0]?.nics[0]?.mac, 'fa:16:3e:01:00:01');
  t.like(nodes[0], { vrrp: { ip: 'fe80::f816:3eff:fe01:1' } });
});

test('with use_vmac, each machine has the VIP under the MAC of the virtual router', (t) => {
  const { nodes } = plan(both({ instance: 'interface eth0\n  use_vmac\n  vmac_xmit_base' }));
  t.deepEqual(
    nodes.map(({ vipMac, nics }) => [vipMac, nics.map(({ name }) => name)]),
    [
      ['00:00:5e:00:01:33', ['eth0']],
      ['00:00:5e:00:01:33', ['eth0']],
    ],
  );
});

test('of several instances the one is measured whose address HAProxy listens on', (t) => {
  const two = (n: number): Written => ({
    keepalived: ['192.0.2.10/24', '192.0.2.20/24']
      .map(
        (vip, k) =>
          `vrrp_instance V${k} {\n  interface eth0\n  virtual_router_id ${60 + k}\n  priority ${n === k ? 150 : 100}\n  virtual_ipaddress {\n    ${vip}\n  }\n}\n`,
      )
      .join(''),
  });
  const { service, nodes } = plan([two(0), two(1)], HAPROXY.replace('*:80', '192.0.2.20:8000'));
  t.like(service, { vip: '192.0.2.20', port: 8000, routerId: 61, protocol: 'http' });
  t.deepEqual(
    nodes.map(({ priority }) => priority),
    [100, 150],
  );
});

test('the statistics of HAProxy are measured only where there is nothing else', (t) => {
  const stats = 'listen stats\n  bind *:7000\n  stats enable\n';
  t.is(plan(both({}), stats + HAPROXY).service.port, 80);
  t.is(plan(both({}), stats).service.port, 7000);
  const asks = HAPROXY.replace('backend servers\n', 'backend servers\n  option mysql-check\n');
  t.is(plan(both({}), stats + asks).service.port, 7000);
});

test('over IPv6 clients ask the first address that is not link-local', (t) => {
  const { service } = plan(both({ vips: 'fe80::10\n2001:db8::10/64' }), HAPROXY.replace('*:80', ':::80'));
  t.is(service.vip, '2001:db8::10');
});

test('three machines get three places', (t) => {
  const { nodes } = plan([{}, {}, {}]);
  t.deepEqual(
    nodes.map(({ name, priority, vrrp }) => `${name} ${priority} ${vrrp.ip}`),
    ['a 100 192.0.2.2', 'b 99 192.0.2.3', 'c 98 192.0.2.4'],
  );
});

test('a machine has the name that its folder says', (t) => {
  const { nodes } = plan([{ files: { 'etc/hostname': 'lb1.example.com\n' } }, {}]);
  t.deepEqual(
    nodes.map(({ hostname }) => hostname),
    ['lb1.example.com', 'b'],
  );
});

test('each server line has a back end, and names get addresses', (t) => {
  const { backEnds, hosts } = plan(
    both({}),
    `${HAPROXY}  server web2 web2.example.com:8080 check port 8081
  server web3 10.9.0.3:8443 ssl verify none
  server web4 10.9.0.4 send-proxy-v2
  server here 127.0.0.1:9000
  server socket unix@/run/app.sock
listen other
  bind *:81
  server again 192.0.2.21:8080
`,
  );
  t.deepEqual(hosts, { 'web2.example.com': '198.19.255.1' });
  const plain = { proxied: false, tls: false };
  t.deepEqual(
    backEnds.map(({ address, ports }) => [address, ports]),
    [
      ['192.0.2.21', [{ port: 8080, ...plain }]],
      [
        '198.19.255.1',
        [
          { port: 8080, ...plain },
          { port: 8081, ...plain },
        ],
      ],
      ['10.9.0.3', [{ port: 8443, proxied: false, tls: true }]],
      ['10.9.0.4', [{ port: 80, proxied: true, tls: false }]],
    ],
  );
});

test('a server on a machine itself is played there, and says which machine it is on', (t) => {
  const placed = plan(
    both({ instance: 'interface eth0\n  unicast_src_ip 192.0.2.2' })
      .slice(0, 1)
      .concat({ instance: 'interface eth0' }),
    `${HAPROXY}  server here 127.0.0.1:9000
  server name localhost:9001
  server self 192.0.2.2:6443
`,
  );
  t.deepEqual(
    placed.backEnds.map(({ address }) => address),
    ['192.0.2.21'],
  );
  t.deepEqual(
    placed.nodes.map(({ servers }) =>
      servers.map(({ address, ports, onMachine }) => [address, ports.map(({ port }) => port), onMachine]),
    ),
    [
      [
        ['127.0.0.1', [9000, 9001], '192.0.2.2'],
        ['192.0.2.2', [6443], '192.0.2.2'],
      ],
      [['127.0.0.1', [9000, 9001], '192.0.2.3']],
    ],
  );
});

test('a check that the back ends of the lab do not pass is named, unless another port is without it', (t) => {
  const mysql = HAPROXY.replace('  server', '  option mysql-check user haproxy\n  server');
  const message = t.throws(() => plan(both({}), mysql))?.message ?? '';
  t.regex(message, /^a\/etc\/haproxy\/haproxy\.cfg:\d+: "option mysql-check user haproxy" asks what/);
  t.like(plan(both({}), `${mysql}listen other\n  bind *:81\n  server s 192.0.2.22:80\n`).service, {
    port: 81,
  });
});

test('a port without TLS is measured where there is one; certificates that are missing are made', (t) => {
  const tls = HAPROXY.replace(
    'bind *:80',
    'bind :::443 v4v6 ssl crt /etc/haproxy/certs/site.pem crt /etc/ssl/more/',
  );
  const alone = plan(both({}), tls);
  t.like(alone.service, { port: 443, protocol: 'https' });
  t.deepEqual(alone.nodes[0]?.certificates, ['/etc/haproxy/certs/site.pem', '/etc/ssl/more/lab.pem']);
  t.like(plan(both({}), tls.replace('  default', '  bind *:8080\n  default')).service, {
    port: 8080,
    protocol: 'http',
  });
  const there = plan(
    both({ files: { 'etc/haproxy/certs/site.pem': 'PEM', 'etc/ssl/more/x.pem': 'PEM' } }),
    tls,
  );
  t.deepEqual(there.nodes[0]?.certificates, []);
});

for (const [check, server] of [
  ['option ssl-hello-chk', ''],
  ['http-check connect ssl', ''],
  ['option httpchk', 'check-ssl verify none'],
]) {
  test(`a service that HAProxy passes on with its TLS is asked over TLS: ${check} ${server}`, (t) => {
    const { service, backEnds } = plan(
      both({}),
      `frontend apiserver
  bind *:8443
  mode tcp
  default_backend apiservers
backend apiservers
  mode tcp
  ${check}
  server master1 192.0.2.21:6443 check ${server}
`,
    );
    t.like(service, { port: 8443, protocol: 'https' });
    t.deepEqual(backEnds[0]?.ports, [{ port: 6443, proxied: false, tls: true }]);
  });
}

test('a gateway that virtual_routes names is the router’s address', (t) => {
  const routed = plan(
    both({
      instance: 'interface eth0\n  virtual_routes {\n    default via 192.0.2.254 dev eth0\n  }',
    }),
  );
  t.deepEqual(routers(routed), ['192.0.2.254 192.0.2.0/24 0']);
});

test('the slowest check and the interval of the instance say how long is waited', (t) => {
  const { timing } = plan(
    both({
      before: 'vrrp_script chk {\n  script "/bin/true"\n  interval 3\n  fall 4\n}',
      instance: 'interface eth0\n  advert_int 2\n  garp_master_refresh 60',
    }),
  );
  t.deepEqual(timing, {
    advertIntMs: 2000,
    checkIntervalMs: 3000,
    checkFall: 4,
    refresh: { intervalMs: 60_000, repeat: 1 },
  });
});

test('clients are in a network that the pair does not use', (t) => {
  t.like(plan(both({})).network.client, { 4: { client: '198.51.100.10' } });
  t.like(plan(both({ vips: '198.51.100.77/25' })).network.client, {
    4: { client: '203.0.113.10', clientGateway: '203.0.113.1', clientPrefix: 24 },
    6: { client: '2001:db8:2::10' },
  });
  t.like(plan(both({ vips: '2001:db8::5/32' })).network.client, { 6: { client: 'fd00:ffff::a' } });
});

test('a pair without a virtual address has nothing to measure', (t) => {
  t.throws(() => plan(both({ keepalived: 'vrrp_instance V {\n  interface eth0\n}\n' })), {
    message: /no instance with a virtual address/,
  });
});

test('a pair that watches a process is refused, with the line', (t) => {
  const watching = both({
    before: 'vrrp_track_process proxy {\n  process haproxy\n}',
    instance: 'interface eth0\n  track_process {\n    proxy\n  }',
  });
  t.throws(() => plan(watching), {
    message: /^a\/etc\/keepalived\/keepalived\.conf:\d+: proxy watches a process/,
  });
});
