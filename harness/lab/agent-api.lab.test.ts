import { createHash, randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { type AgentAnswer, ask, BareAmphora } from './bare-amphora.fixture.ts';
import { findEngine } from './engine/engine.ts';
import { requireImages } from './images/images.ts';

/** Beside other labs, an amphora may take its time. */
const LIMIT_MS = 240_000;

const VIP = '172.16.1.10';
const MAC = { vip: 'fa:16:3e:00:00:01', member: 'fa:16:3e:00:00:02', unknown: 'fa:16:3e:ff:ff:ff' };
const SUBNET = { subnet_cidr: '172.16.1.0/24', gateway: '172.16.1.1' };
const NOT_FOUND =
  '404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.';

/** A version of the API, and what its served objects are called. */
const VERSIONS = [
  { prefix: '/1.0', collection: 'loadbalancer', kind: 'Loadbalancer' },
  { prefix: '/0.5', collection: 'listeners', kind: 'Listener' },
] as const;

function haproxyConfiguration(id: string, listener: string, port: number, comment = ''): string {
  return [
    `# ${comment}`,
    'global',
    `    stats socket /var/lib/octavia/${id}.sock mode 0666 level user`,
    '    maxconn 100',
    'defaults',
    '    timeout client 1s',
    '    timeout server 1s',
    '    timeout connect 1s',
    `frontend ${listener}`,
    '    mode http',
    `    bind ${VIP}:${port}`,
    '    http-request deny',
    '',
  ].join('\n');
}

const KEEPALIVED = [
  'vrrp_instance one {',
  '    interface eth1',
  '    virtual_router_id 1',
  '    priority 100',
  '    virtual_ipaddress {',
  `        ${VIP}`,
  '    }',
  '}',
  '',
].join('\n');

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** The status and the whole body, or what is said of a body that depends on the amphora. */
async function expect(
  t: ExecutionContext,
  row: string,
  asked: Promise<AgentAnswer>,
  status: number,
  body: unknown,
): Promise<AgentAnswer> {
  const answer = await asked;
  t.deepEqual({ status: answer.status, body: answer.body }, { status, body }, row);
  return answer;
}

for (const { prefix, collection, kind } of VERSIONS) {
  test(`API ${prefix}: each row of the table is answered as the real agent does`, async (t) => {
    t.timeout(LIMIT_MS);
    const engine = await findEngine();
    await using amphora = await BareAmphora.boot(engine, await requireImages(engine));
    await using client = disposable(amphora.connect());
    const id = randomUUID();
    const listener = randomUUID();
    const own = `${prefix}/${collection}/${id}`;
    const upload = (of: string, text: string) =>
      ask(client, 'PUT', `${prefix}/${collection}/${amphora.id}/${of}/haproxy`, text);
    const get = (path: string) => ask(client, 'GET', `${prefix}${path}`);
    const put = (path: string, body?: string) => ask(client, 'PUT', `${prefix}${path}`, body);
    const post = (path: string, body: string | object) => ask(client, 'POST', `${prefix}${path}`, body);
    const error = (code: number, text: string) => ({ error: text, http_code: code });

    await expect(t, 'version', ask(client, 'GET', '/'), 200, { api_version: '1.0' });
    const info = await get('/info');
    t.is(info.status, 200);
    t.like(info.body, { hostname: `amphora-${amphora.id}`, api_version: '1.0' });
    t.regex(String((info.body as Record<string, string>).haproxy_version), /^\d+\.\d+/);
    t.regex(String((info.body as Record<string, string>).keepalived_version), /^\d+\.\d+/);
    // Where the kernel has no IPVS, ipvsadm does not even tell its version.
    t.regex(String((info.body as Record<string, string>).ipvsadm_version), /^(\d+\.\d+.*)?$/);
    await expect(t, 'no listener yet', get('/listeners'), 200, []);

    // What the framework says by itself.
    await expect(t, 'unknown path', get('/nowhere'), 404, error(404, NOT_FOUND));
    const wrongMethod = error(
      405,
      '405 Method Not Allowed: The method is not allowed for the requested URL.',
    );
    await expect(t, 'wrong method', post('/info', ''), 405, wrongMethod);
    await expect(t, 'wrong method', ask(client, 'PATCH', `${prefix}/details`), 405, wrongMethod);

    // Plugging.
    const noSubnet = error(400, '400 Bad Request: Invalid subnet information');
    await expect(t, 'bad JSON', post(`/plug/vip/${VIP}`, '{'), 400, noSubnet);
    for (const missing of ['subnet_cidr', 'gateway', 'mac_address']) {
      const body = { ...SUBNET, mac_address: MAC.vip, [missing]: undefined };
      await expect(t, `without ${missing}`, post(`/plug/vip/${VIP}`, body), 400, noSubnet);
    }
    const vip = { ...SUBNET, mac_address: MAC.vip, vrrp_ip: '172.16.1.3', mtu: 1400 };
    await expect(t, 'bad VIP', post('/plug/vip/x', vip), 400, {
      message: "Invalid VIP: 'x' does not appear to be an IPv4 or IPv6 address",
    });
    const hostBits = { ...vip, subnet_cidr: '172.16.1.9/24' };
    await expect(t, 'host bits', post(`/plug/vip/${VIP}`, hostBits), 400, {
      message: 'Invalid VIP: 172.16.1.9/24 has host bits set',
    });
    await expect(t, 'bad vrrp_ip', post(`/plug/vip/${VIP}`, { ...vip, vrrp_ip: 'y' }), 400, {
      message: "Invalid VRRP Address: 'y' does not appear to be an IPv4 or IPv6 address",
    });
    const noNic = { details: 'No suitable network interface found' };
    await expect(t, 'no NIC yet', post(`/plug/vip/${VIP}`, vip), 404, noNic);
    await amphora.plug(MAC.vip);
    const whole = {
      ...vip,
      host_routes: [{ destination: '10.9.0.0/16', nexthop: '172.16.1.254' }],
      additional_vips: [
        { ip_address: '2001:db8::10', subnet_cidr: '2001:db8::/64', gateway: '2001:db8::1', host_routes: [] },
      ],
    };
    await expect(t, 'plug VIP', post(`/plug/vip/${VIP}`, whole), 202, {
      message: 'OK',
      details: `VIPs plugged on interface eth1: ${VIP}, 2001:0db8:0000:0000:0000:0000:0000:0010`,
    });
    const again = { message: 'Interface already exists' };
    await expect(t, 'plug VIP again', post(`/plug/vip/${VIP}`, whole), 409, again);
    const inside = (...argv: string[]) => amphora.run('ip', 'netns', 'exec', 'amphora-haproxy', ...argv);
    t.regex(await inside('ip', 'route'), /10\.9\.0\.0\/16 via 172\.16\.1\.254 dev eth1 onlink/);
    t.regex(await inside('ip', '-6', 'route'), /default via 2001:db8::1 dev eth1/);
    t.regex(await inside('ip', 'link', 'show', 'eth1'), /mtu 1400/);

    const noPort = error(400, '400 Bad Request: Invalid port information');
    await expect(t, 'bad JSON', post('/plug/network', '{'), 400, noPort);
    await expect(t, 'without mac_address', post('/plug/network', {}), 400, noPort);
    const fixed = (ip_address: string) => [{ ip_address, subnet_cidr: '192.0.2.0/24' }];
    const member = { mac_address: MAC.member, fixed_ips: fixed('192.0.2.7') };
    const badPort = { ...member, fixed_ips: fixed('z') };
    await expect(t, 'bad address', post('/plug/network', badPort), 400, { message: 'Invalid network port' });
    await expect(t, 'no NIC yet', post('/plug/network', member), 404, noNic);
    await amphora.plug(MAC.member);
    const plugged = { message: 'OK', details: 'Plugged on interface eth2' };
    await expect(t, 'plug network', post('/plug/network', member), 202, plugged);
    const moved = { ...member, fixed_ips: fixed('192.0.2.8') };
    const updated = { message: 'OK', details: 'Updated existing interface eth2' };
    await expect(t, 'plug network again', post('/plug/network', moved), 202, updated);
    t.regex(await inside('ip', 'address', 'show', 'eth2'), /inet 192\.0\.2\.8\/24/);
    t.notRegex(await inside('ip', 'address', 'show', 'eth2'), /192\.0\.2\.7/);

    await expect(t, 'interface', get('/interface/172.16.1.3'), 200, { message: 'OK', interface: 'eth1' });
    await expect(t, 'bad address', get('/interface/x'), 400, { message: 'Invalid IP address' });
    const noInterface = { message: 'Error interface not found for IP address' };
    await expect(t, 'unknown address', get('/interface/192.0.2.99'), 404, noInterface);

    // HAProxy.
    const unknown = { message: `${kind} Not Found`, details: `No ${kind.toLowerCase()} with UUID: ${id}` };
    await expect(t, 'unknown id', ask(client, 'GET', `${own}/haproxy`), 404, unknown);
    await expect(t, 'unknown id', ask(client, 'PUT', `${own}/start`), 404, unknown);
    const unknownAction = { message: 'Invalid Request', details: 'Unknown action: x' };
    await expect(
      t,
      'the action is looked at before the id',
      ask(client, 'PUT', `${own}/X`),
      400,
      unknownAction,
    );
    await expect(t, 'delete unknown', ask(client, 'DELETE', `${prefix}/listeners/${id}`), 200, {
      message: 'OK',
    });

    const configuration = haproxyConfiguration(id, listener, 80);
    const uploaded = await expect(t, 'upload', upload(id, configuration), 202, { message: 'OK' });
    t.is(uploaded.etag, md5(configuration));
    await expect(t, 'not started yet', get('/listeners'), 200, [
      { status: 'ERROR', uuid: listener, type: 'HTTP' },
    ]);
    const started = {
      message: 'OK',
      details: `Configuration file is valid\nhaproxy daemon for ${id} started`,
    };
    await expect(t, 'reload starts what is stopped', ask(client, 'PUT', `${own}/reload`), 202, started);
    const pid = () => amphora.run('systemctl', 'show', '-p', 'MainPID', `haproxy-${id}`);
    const before = await pid();
    const reloaded = { message: 'OK', details: `Listener ${id} reloaded` };
    await expect(t, 'reload', ask(client, 'PUT', `${own}/reload`), 202, reloaded);
    t.is(await pid(), before, 'a reload keeps the process');
    await expect(t, 'listeners', get('/listeners'), 200, [
      { status: 'ACTIVE', uuid: listener, type: 'HTTP' },
    ]);

    const file = () => amphora.run('sha256sum', `/var/lib/octavia/${id}/haproxy.cfg`);
    const untouched = await file();
    for (const rejected of ['frontend nonsense\n  bind\n', '']) {
      const answer = await upload(id, rejected);
      t.is(answer.status, 400);
      t.like(answer.body, { message: 'Invalid request' });
      t.regex((answer.body as { details: string }).details, /\w/);
      t.is(await file(), untouched, 'the running configuration is the same byte for byte');
    }
    const read = await expect(t, 'get', ask(client, 'GET', `${own}/haproxy`), 200, configuration);
    t.is(read.etag, md5(configuration), 'the ETag is not quoted');
    t.is(await amphora.run('ls', '-A', `/var/lib/octavia/${id}`).then((list) => list.match(/new/)), null);

    // What `haproxy -c` cannot see: a start that cannot succeed.
    const other = randomUUID();
    const hopeless = haproxyConfiguration(other, randomUUID(), 80).replace('/var/lib/octavia/', '/nowhere/');
    t.is((await upload(other, hopeless)).status, 202);
    const failed = await ask(client, 'PUT', `${prefix}/${collection}/${other}/start`);
    t.is(failed.status, 500, `a start that cannot succeed: ${JSON.stringify(failed.body)}`);
    t.like(failed.body, { message: 'Error starting haproxy' });
    await ask(client, 'DELETE', `${prefix}/listeners/${other}`);

    const uploads = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        upload(id, haproxyConfiguration(id, listener, 80, `${n}`.repeat(50_000))),
      ),
    );
    t.deepEqual(
      uploads.map(({ status }) => status),
      [202, 202, 202, 202, 202, 202],
    );
    const last = await ask(client, 'GET', `${own}/haproxy`);
    t.is(last.body, haproxyConfiguration(id, listener, 80, '5'.repeat(50_000)), 'uploads take their turns');

    // Certificates of listeners.
    const certificate = `${own}/certificates/one.pem`;
    await expect(t, 'missing', ask(client, 'GET', certificate), 404, {
      message: 'Certificate Not Found',
      details: 'No certificate with filename: one.pem',
    });
    await expect(t, 'put', ask(client, 'PUT', certificate, 'pem'), 200, { message: 'OK' });
    await expect(t, 'get', ask(client, 'GET', certificate), 200, { md5sum: md5('pem') });
    t.is(await amphora.run('stat', '-c', '%a', `/var/lib/octavia/certs/${id}/one.pem`), '600\n');
    await expect(t, 'delete', ask(client, 'DELETE', certificate), 200, { message: 'OK' });
    await expect(t, 'delete missing', ask(client, 'DELETE', certificate), 200, { message: 'OK' });
    const badName = { message: 'Filename has wrong format' };
    await expect(t, 'bad name', ask(client, 'PUT', `${own}/certificates/one.key`, 'x'), 400, badName);

    // Ids and names stay where they belong.
    for (const path of [
      `${prefix}/${collection}/%2e%2e/haproxy`,
      `${prefix}/${collection}/..%2f..%2fetc/haproxy`,
      `${prefix}/${collection}/a%0ab/haproxy`,
      `${own}/certificates/..%2f..%2fescape.pem`,
      `${own}/certificates/%2e%2e%2fescape.pem`,
      `${prefix}/interface/..%2fx`,
    ]) {
      await expect(t, path, ask(client, 'GET', path), 404, error(404, NOT_FOUND));
    }
    const hostile = await upload('$(touch%20%2ftmp%2fescaped)', configuration);
    t.is(hostile.status, 404);
    t.is(await amphora.run('find', '/', '-xdev', '-name', 'escape*', '-newer', '/proc/1/cmdline'), '');

    // keepalived.
    await expect(t, 'unknown action', put('/vrrp/RESTART'), 400, {
      message: 'Invalid Request',
      details: 'Unknown action: restart',
    });
    const sent = await expect(t, 'upload', put('/vrrp/upload', KEEPALIVED), 200, { message: 'OK' });
    t.is(sent.etag, md5(KEEPALIVED));
    // Where a unit has failed or a job is under way, service(8) takes the reload of a stopped unit for done.
    await amphora.run('systemctl', 'reset-failed');
    await amphora.run('systemctl', 'is-system-running', '--wait');
    const notActive = await put('/vrrp/reload');
    t.is(notActive.status, 500, `vrrp reload while stopped: ${JSON.stringify(notActive.body)}`);
    t.like(notActive.body, { message: 'Failed to reload octavia-keepalived service' });
    t.regex((notActive.body as { details: string }).details, /not active/);
    for (const [asked, done] of [
      ['START', 'started'],
      ['start', 'reloaded'],
      ['reload', 'reloaded'],
      ['stop', 'stoped'],
    ]) {
      const body = { message: 'OK', details: `keepalived ${done}` };
      await expect(t, `vrrp ${asked}`, put(`/vrrp/${asked}`), 202, body);
    }
    const vrrp = '/var/lib/octavia/vrrp';
    t.is(await amphora.run('stat', '-c', '%a', `${vrrp}/octavia-keepalived.conf`), '600\n');
    t.regex(
      await amphora.run('cat', `${vrrp}/check_scripts/haproxy_check_script.sh`),
      new RegExp(`${id}\\.sock`),
    );

    // How it fares.
    const { status, body } = await get('/details');
    t.is(status, 200);
    const details = body as Record<string, Record<string, unknown>>;
    t.deepEqual(
      Object.keys(details).sort(),
      [
        ...['active', 'api_version', 'cpu', 'cpu_count', 'disk', 'haproxy_count', 'haproxy_version'],
        ...['hostname', 'ipvsadm_version', 'keepalived_version', 'listeners', 'load', 'memory', 'networks'],
        ...['packages', 'topology', 'topology_status'],
      ].sort(),
    );
    t.like(body, { active: true, haproxy_count: 1, listeners: [listener], packages: {} });
    t.deepEqual(Object.keys(details.cpu ?? {}).sort(), ['soft_irq', 'system', 'total', 'user']);
    t.deepEqual(Object.keys(details.memory ?? {}).sort(), [
      'buffers',
      'cached',
      'free',
      'shared',
      'slab',
      'swap_used',
      'total',
    ]);
    t.deepEqual(Object.keys(details.networks ?? {}).sort(), ['eth1', 'eth2']);
    t.deepEqual(Object.keys((details.networks?.eth1 ?? {}) as object).sort(), ['network_rx', 'network_tx']);
    t.is((details.load as unknown as unknown[]).length, 3);

    await expect(t, 'stop', ask(client, 'PUT', `${own}/stop`), 202, {
      message: 'OK',
      details: `Listener ${id} stoped`,
    });
    await expect(t, 'delete', ask(client, 'DELETE', `${prefix}/listeners/${id}`), 200, { message: 'OK' });
    await expect(t, 'deleted', ask(client, 'GET', `${own}/haproxy`), 404, unknown);
    await expect(t, 'no listener any longer', get('/listeners'), 200, []);
    t.is(await amphora.run('find', '/var/lib/octavia', '/usr/lib/systemd', '-name', `*${id}*`), '');

    // The agent's own configuration.
    const conf = await amphora.run('cat', '/etc/octavia/amphora-agent.conf');
    await expect(t, 'config', put('/config', conf), 202, { message: 'OK' });
    const refused = await put('/config', 'nonsense');
    t.is(refused.status, 500, 'a configuration that is none');
    t.is(await amphora.run('cat', '/etc/octavia/amphora-agent.conf'), conf);
  });
}

test('the agent talks to its controller alone, renews its certificate, and waits for no slow request', async (t) => {
  t.timeout(LIMIT_MS);
  const engine = await findEngine();
  const images = await requireImages(engine);
  await using amphora = await BareAmphora.boot(engine, images, { agent_request_read_timeout: 3 });

  const stranger = await amphora.identity.serverAuthority.issue('controller', 'client');
  for (const [who, options] of [
    ['without a certificate', { cert: '', key: '' }],
    ['with a certificate of another authority', stranger],
    ['by TLS 1.1', { maxVersion: 'TLSv1.1' }],
  ] as const) {
    await using client = disposable(amphora.connect(options));
    await t.throwsAsync(ask(client, 'GET', '/'), undefined, who);
  }

  await using standing = disposable(amphora.connect());
  t.is((await ask(standing, 'GET', '/')).status, 200);
  const { cert, key } = await amphora.identity.serverAuthority.issue(amphora.id, 'server');
  const put = (body: string) => ask(standing, 'PUT', '/1.0/certificate', body);
  t.like(await put('no certificate'), { status: 400 });
  t.deepEqual(await put(`${cert}${key}`), { status: 202, body: { message: 'OK' } });
  t.is(await amphora.run('cat', '/etc/octavia/certs/server.pem'), `${cert}${key}`);
  t.is(await amphora.run('stat', '-c', '%a', '/etc/octavia/certs/server.pem'), '600\n');
  t.is((await ask(standing, 'GET', '/')).status, 200, 'a connection that stands is not cut');
  await using fresh = disposable(amphora.connect());
  t.is((await ask(fresh, 'GET', '/')).status, 200);

  const large = await ask(fresh, 'PUT', '/1.0/vrrp/upload', Buffer.alloc(16 * 1024 * 1024 + 1));
  t.like(large, { status: 413, body: { http_code: 413 } });

  await using slow = disposable(amphora.connect());
  const body = new PassThrough();
  body.write('vrrp_instance');
  const answer = await slow.request({ method: 'PUT', path: '/1.0/vrrp/upload', body });
  t.is(answer.statusCode, 408);
});

/** Whatever is under way when a test ends is given up. */
function disposable<T extends { destroy(): Promise<void> }>(client: T): T & AsyncDisposable {
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.destroy() });
}
