import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { parseLoadBalancer } from '../../src/domain/api/parse.ts';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { urlHost } from '../../src/domain/url-host.ts';
import { CertificateAuthority } from '../../src/flows/certificate-authority.ts';
import { ADDRESSES, ADDRESSES6 } from './addresses.ts';
import { AmphoraLab } from './amphora-lab.ts';
import { findEngine } from './engine/engine.ts';
import { requireImages } from './images/images.ts';
import { askKeepalived } from './keepalived-state.ts';
import type { LabNode } from './lab.ts';
import { inVipNamespace } from './namespaces.ts';
import { untilServed } from './service.ts';
import { untilSteady } from './steady-pair.ts';

const LIMIT_MS = 120_000;
/** The first check is run as soon as keepalived has started. */
const CHECKED_LIMIT_MS = 20_000;
const ASK_AGAIN_MS = 100;
/** curl(1): the handshake failed. */
const TLS_REFUSED = 35;
const VIP = '172.16.1.7';
/** In a second subnet of IPv4, behind a gateway of its own. */
const FURTHER_VIP = '172.16.2.10';
/** In a subnet without a gateway. */
const LINK_VIP = '2001:db8:9::10';
const MEMBER = { address: ADDRESSES.members[0], protocol_port: 80 };
const MEMBER6 = { address: ADDRESSES6.members[0], protocol_port: 80 };
const ADDITIONAL = [
  { ip_address: ADDRESSES6.vip, subnet_cidr: ADDRESSES6.vipSubnet, gateway_ip: ADDRESSES6.gateway },
  { ip_address: FURTHER_VIP, subnet_cidr: '172.16.2.0/24', gateway_ip: '172.16.2.1' },
  { ip_address: LINK_VIP, subnet_cidr: '2001:db8:9::/64' },
];

const engine = await findEngine();
const images = await requireImages(engine);

/** How the client's curl ends, and what it writes. */
async function curl(lab: AmphoraLab, ...argv: string[]): Promise<{ exitCode: number; stdout: string }> {
  const [step] = await lab.fabric.attempt({ argv: ['curl', '--silent', '--max-time', '2', ...argv] });
  return { exitCode: step?.exitCode ?? -1, stdout: step?.stdout ?? '' };
}

async function status(lab: AmphoraLab, url: string, ...argv: string[]): Promise<string> {
  return (await curl(lab, '--output', '/dev/null', '--write-out', '%{http_code}', ...argv, url)).stdout;
}

/** The gateway by which a reply from this address leaves the amphora that holds it. */
async function gatewayFrom(
  lab: AmphoraLab,
  n: number,
  from: string,
  to: string,
): Promise<string | undefined> {
  const amphora = lab.amphorae[n];
  if (!amphora) throw new Error(`The lab has no amphora ${n}.`);
  const [step] = await lab.fabric.run({
    argv: inVipNamespace(amphora.instance, 'ip', 'route', 'get', to, 'from', from),
  });
  return / via (\S+) /.exec(step?.stdout ?? '')?.[1];
}

async function repliesByTheirOwn(t: ExecutionContext, lab: AmphoraLab, holder: number): Promise<void> {
  const { client } = ADDRESSES;
  t.is(await gatewayFrom(lab, holder, VIP, client), ADDRESSES.gateway);
  t.is(await gatewayFrom(lab, holder, FURTHER_VIP, client), '172.16.2.1');
  t.is(await gatewayFrom(lab, holder, ADDRESSES6.vip, ADDRESSES6.client), ADDRESSES6.gateway);
}

test('a load balancer of every kind serves as its API objects say', async (t) => {
  t.timeout(2 * LIMIT_MS);
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const authority = await CertificateAuthority.create('kinds');
  const names = ['a.example.org', 'b.example.org'];
  for (const name of names) {
    const { cert, key } = await authority.issue(name, 'server');
    await writeFile(join(folder, `${name}.pem`), `${cert}${key}`);
  }
  const pool = (more: object = {}) => ({
    protocol: 'HTTP',
    lb_algorithm: 'ROUND_ROBIN',
    members: [MEMBER],
    ...more,
  });
  const at = (address: string, more: object = {}) => ({
    ...pool({ members: [{ ...MEMBER, address }] }),
    ...more,
  });
  const listener = (protocol_port: number, default_pool: object, more: object = {}) => ({
    ...{ protocol: 'HTTP', protocol_port, default_pool },
    ...more,
  });
  const loadBalancer = parseLoadBalancer({
    ...{ topology: 'SINGLE', vip_address: VIP, additional_vips: ADDITIONAL },
    listeners: [
      listener(8080, pool(), {
        allowed_cidrs: ['198.51.100.0/24', '198.51.100.10/32', `${ADDRESSES6.client}/128`],
        l7policies: [
          {
            action: 'REJECT',
            rules: [
              {
                ...{ type: 'HEADER', key: 'User-Agent', compare_type: 'STARTS_WITH' },
                value: '"Mozilla/5.0 (X11; $HOME #1\\2"',
              },
            ],
          },
        ],
      }),
      listener(8081, pool(), { allowed_cidrs: ['203.0.113.0/24', '2001:db8:2::/64'] }),
      listener(8443, pool(), {
        protocol: 'TERMINATED_HTTPS',
        sni_container_refs: names.map((name) => `file:${join(folder, `${name}.pem`)}`),
      }),
      listener(
        8082,
        pool({
          members: [{ address: '172.16.1.103', protocol_port: 80, monitor_port: 8079 }],
          healthmonitor: { type: 'TCP', delay: 1, timeout: 1, max_retries: 1, max_retries_down: 1 },
        }),
      ),
      listener(8083, at('172.16.1.104', { protocol: 'PROXY' })),
      listener(8084, at('172.16.1.104', { protocol: 'PROXYV2' })),
      listener(8085, at('172.16.1.105', { tls_enabled: true })),
      listener(8086, pool({ members: [MEMBER6] })),
      { protocol: 'PROMETHEUS', protocol_port: 8088 },
    ],
  });
  await using lab = await AmphoraLab.create({ engine, images, loadBalancer, settings: DEFAULT_SETTINGS });
  const url = (port: number, address = VIP) => `http://${urlHost(address)}:${port}/`;
  const forward = await lab.forwardVip(8080);
  await untilServed(`http://127.0.0.1:${forward.port}`, LIMIT_MS);
  const [amphora] = lab.amphorae;
  if (!amphora) throw new Error('The lab must have an amphora.');
  t.is(amphora.vrrp_ip, '172.16.1.3', "the VIP's own address is not an amphora's");

  t.is(await status(lab, url(8080)), '200');
  // The kernel of the amphora checks an address of IPv6 for up to 2 s before it answers for it (RFC 4862, section 5.4).
  const patiently = ['--retry', '5', '--retry-all-errors', '--retry-delay', '1'];
  t.is(
    await status(lab, url(8080, ADDRESSES6.vip), ...patiently),
    '200',
    'allowed_cidrs of both versions of IP',
  );
  t.is(await status(lab, url(8081)), '000', 'the client is in none of the networks of IPv4');
  t.is(await status(lab, url(8081, ADDRESSES6.vip)), '200');
  const agent = 'Mozilla/5.0 (X11; $HOME #1\\2 rv:1)';
  t.is(
    await status(lab, url(8080), '--user-agent', agent),
    '403',
    'quotation marks round a value are no part of it',
  );
  t.is(await status(lab, url(8080), '--user-agent', `"${agent}`), '200');

  const [ca] = await lab.fabric.run({ argv: ['tee', '/run/kinds.pem'], stdin: authority.certificate });
  t.is(ca?.exitCode, 0);
  for (const name of names) {
    const { stdout, exitCode } = await curl(
      lab,
      ...['--cacert', '/run/kinds.pem', '--connect-to', `${name}:443:${VIP}:8443`],
      `https://${name}/`,
    );
    t.is(exitCode, 0, `${name} is shown its own certificate`);
    t.is(stdout, `backend-1 through ${amphora.vrrp_ip}\n`);
  }
  // Neither versions nor ALPN are given: Octavia's defaults are TLS 1.2, 1.3 and h2 ([api_settings]).
  const tls = ['--insecure', '--ciphers', 'DEFAULT@SECLEVEL=0', `https://${VIP}:8443/`];
  for (const [version, exitCode] of [
    ['1.1', TLS_REFUSED],
    ['1.2', 0],
    ['1.3', 0],
  ] as const) {
    const spoken = await curl(lab, `--tlsv${version}`, '--tls-max', version, ...tls);
    t.is(spoken.exitCode, exitCode, `TLS ${version}`);
  }
  t.is((await curl(lab, '--output', '/dev/null', '--write-out', '%{http_version}', ...tls)).stdout, '2');

  t.is(await status(lab, url(8082)), '200', 'a member is asked for its health at its monitor_port');
  for (const port of [8083, 8084]) {
    const { stdout } = await curl(lab, '--dump-header', '-', url(port));
    t.regex(stdout, /^x-client: 198\.51\.100\.10\r$/im, 'the PROXY protocol names the client');
    t.regex(stdout, /^x-amphora: 172\.16\.1\.3\r$/im);
  }
  t.is(await status(lab, url(8085)), '200', 'a member is spoken to by TLS');
  t.is(await status(lab, url(8086)), '200', 'a member over IPv6, of a listener over IPv4');
  t.regex((await curl(lab, `${url(8088)}metrics`)).stdout, /^haproxy_process_/m);

  t.is(await lab.agent(amphora).interfaceOf('2001:0db8:0001:0000:0000:0000:0000:0010'), 'eth1');
  await repliesByTheirOwn(t, lab, 0);
  const [onLink] = await lab.fabric.attempt({
    argv: ['ip', 'netns', 'exec', 'router', 'curl', '--silent', '--max-time', '2', url(8086, LINK_VIP)],
  });
  t.is(onLink?.exitCode, 0, 'a VIP without a gateway answers on its link');
});

/** What keepalived is in once its check has ended for the first time. */
async function firstState(lab: AmphoraLab, amphora: LabNode): Promise<string | undefined> {
  const untilMs = performance.now() + CHECKED_LIMIT_MS;
  for (;;) {
    const told = await askKeepalived(lab, amphora);
    if (told?.unknown === 0 || performance.now() > untilMs) return told?.state;
    await delay(ASK_AGAIN_MS);
  }
}

test('a pair without a listener holds no VIP until the first one is there', async (t) => {
  t.timeout(2 * LIMIT_MS);
  const given = {
    vip_address: VIP,
    additional_vips: ADDITIONAL,
    pools: [{ name: 'p', protocol: 'HTTP', members: [MEMBER] }],
  };
  const empty = parseLoadBalancer(given);
  await using lab = await AmphoraLab.create({
    engine,
    images,
    loadBalancer: empty,
    settings: DEFAULT_SETTINGS,
  });
  for (const amphora of lab.amphorae) {
    const { instance } = amphora;
    const state = await firstState(lab, amphora);
    t.is(state, 'FAULT', `${instance.name}: its check fails`);
    const [addresses] = await lab.fabric.run({ argv: inVipNamespace(instance, 'ip', 'address') });
    t.false(addresses?.stdout.includes(` ${VIP}/`), `${instance.name} holds no VIP`);
  }
  const listener = { protocol: 'HTTP', protocol_port: 8080, default_pool: { name: 'p' } };
  await lab.controller.updateListeners(parseLoadBalancer({ ...given, listeners: [listener] }));
  await untilSteady(lab);
  const forward = await lab.forwardVip(8080);
  await untilServed(`http://127.0.0.1:${forward.port}`, LIMIT_MS, { status: 200 });
  const served = await fetch(`http://127.0.0.1:${forward.port}`);
  const holder = lab.amphorae.findIndex(({ vrrp_ip }) => vrrp_ip === served.headers.get('x-amphora'));
  t.not(holder, -1);
  await repliesByTheirOwn(t, lab, holder);
});
