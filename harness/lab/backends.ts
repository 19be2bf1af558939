import { isIPv6 } from 'node:net';
import type { Pool } from '../../src/domain/load-balancer.ts';
import { transportOf } from '../../src/domain/protocol.ts';
import { InvalidLoadBalancer } from '../../src/domain/schema/invalid.ts';
import { urlHost } from '../../src/domain/url-host.ts';
import type { Fabric } from './fabric/fabric.ts';
import { BACK_ENDS_PID } from './fabric/protocol.ts';
import type { Machine } from './lab.ts';
import { bridgeOf, routerInterface } from './network.ts';
import { prefixOf, type RoutedSubnet, subnetFor } from './subnets.ts';

/** A back end answers a request for it with a body that takes a minute. */
export const DOWNLOAD_PATH = '/download';
const DOWNLOAD_SERVICE = '/run/download.lua';

/** In the fabric, certificate and key of the back ends that speak TLS. */
const CERTIFICATE = '/run/backends.pem';

/** How a back end is spoken to at a port. */
interface BackEndPort {
  readonly port: number;
  /** The PROXY protocol, version 1 or 2, comes first. */
  readonly proxied: boolean;
  readonly tls: boolean;
}

/** A back end that the lab plays: what it listens on, and by which name it answers. */
export interface BackEnd {
  readonly name: string;
  readonly address: string;
  readonly ports: readonly BackEndPort[];
  /** It is on a machine itself: clients that come over loopback are that machine, by this address. */
  readonly onMachine?: string;
}

/**
 * The members' addresses, each once, with all ports asked of it: by requests, or by health checks where those go
 * elsewhere.
 *
 * @throws InvalidLoadBalancer when a port would have to speak the PROXY protocol, or TLS, and not to speak it
 */
export function backEndsFor(pools: readonly Pool[]): readonly BackEnd[] {
  const found = new Map<string, Map<number, BackEndPort>>();
  const add = (address: string, wanted: BackEndPort) => {
    const ports = found.get(address) ?? new Map<number, BackEndPort>();
    const known = ports.get(wanted.port) ?? wanted;
    for (const [key, words] of [
      ['proxied', 'the PROXY protocol'],
      ['tls', 'TLS'],
    ] as const) {
      if (known[key] === wanted[key]) continue;
      throw new InvalidLoadBalancer(
        `members: a lab's back end speaks ${words} at a port or does not; one pool wants it of ${urlHost(address)}:${wanted.port}, another does not`,
      );
    }
    found.set(address, ports.set(wanted.port, known));
  };
  const all = pools.flatMap((pool) => pool.members.map((member) => ({ pool, member })));
  for (const { pool, member } of all) {
    // Datagrams are answered by another program: datagram-backends.ts.
    if (transportOf(pool.protocol) !== 'tcp') continue;
    add(member.address, {
      port: member.protocol_port,
      proxied: pool.protocol === 'PROXY' || pool.protocol === 'PROXYV2',
      tls: pool.tls_enabled || pool.protocol === 'HTTPS',
    });
  }
  for (const { pool, member } of all) {
    const { address, protocol_port: port } = member;
    const asked = { address: member.monitor_address ?? address, port: member.monitor_port ?? port };
    for (const place of [{ address, port }, asked]) {
      if (found.get(place.address)?.has(place.port)) continue;
      // To a port of its own, HAProxy sends no PROXY header (configuration manual, check-send-proxy).
      add(place.address, { port: place.port, proxied: false, tls: pool.healthmonitor?.type === 'HTTPS' });
    }
  }
  return [...found].map(([address, ports], index) => ({
    name: `backend-${index + 1}`,
    address,
    ports: [...ports.values()],
  }));
}

/**
 * Plugs the back ends into the switch, one namespace each, and starts one HAProxy that answers in all of
 * them: the answer names the member, and the amphora from which the request came.
 */
export async function startBackEnds(
  fabric: Fabric,
  backEnds: readonly BackEnd[],
  subnets: readonly RoutedSubnet[],
  /** PEM with its key. */
  certificate: string,
): Promise<void> {
  await fabric.run(
    { file: DOWNLOAD_SERVICE, content: downloadService() },
    { file: CERTIFICATE, content: certificate },
  );
  if (backEnds.length === 0) return;
  const placed = backEnds.map((backEnd) => ({ ...backEnd, ...subnetFor(subnets, backEnd.address) }));
  await fabric.run(
    { argv: ['ip', '-batch', '-'], stdin: lines(backEnds.map((backEnd) => `netns add ${backEnd.name}`)) },
    {
      argv: ['ip', '-n', 'switch', '-batch', '-'],
      stdin: lines(
        placed.flatMap(({ name, segment }) => [
          `link add ${name} type veth peer name eth0 netns ${name}`,
          `link set ${name} master ${bridgeOf(segment)} up`,
        ]),
      ),
    },
  );
  await Promise.all(
    placed.map(({ name, address, onLink, subnet_cidr, router }) =>
      fabric.run({
        argv: ['ip', '-n', name, '-batch', '-'],
        stdin: lines([
          'link set lo up',
          'link set eth0 up',
          `address add ${address}/${onLink ? prefixOf(subnet_cidr) : hostPrefix(address)} dev eth0${isIPv6(address) ? ' nodad' : ''}`,
          `route add default via ${router} dev eth0${onLink ? '' : ' onlink'}`,
        ]),
      }),
    ),
  );
  const remote = placed.filter(({ onLink }) => !onLink);
  if (remote.length > 0) {
    await fabric.run({
      argv: ['ip', '-n', 'router', '-batch', '-'],
      stdin: lines(
        remote.map(
          ({ address, segment }) =>
            `route add ${address}/${hostPrefix(address)} dev ${routerInterface(segment)}`,
        ),
      ),
    });
  }
  await fabric.run(
    { file: '/run/backends.cfg', content: backEndConfiguration(backEnds) },
    { argv: ['haproxy', '-D', '-f', '/run/backends.cfg', '-p', BACK_ENDS_PID] },
  );
}

/** Where HAProxy is started from for back ends on a machine: no check of that machine takes it for its own. */
const ON_MACHINE = '/run/lab-servers';

/** Starts back ends on a machine itself: they end with it. */
export async function startOnMachine(
  fabric: Fabric,
  { name, pid }: Pick<Machine, 'name' | 'pid'>,
  backEnds: readonly BackEnd[],
): Promise<void> {
  if (backEnds.length === 0) return;
  const file = `/run/${name}.servers.cfg`;
  await fabric.run(
    // Nothing in /run may be executed, but for what a link there leads to.
    { argv: ['sh', '-c', `ln -s "$(command -v haproxy)" ${ON_MACHINE} || test -e ${ON_MACHINE}`] },
    { file, content: backEndConfiguration(backEnds) },
    { argv: ['nsenter', '--target', String(pid), '--net', '--pid', ON_MACHINE, '-D', '-f', file] },
  );
}

/** HAProxy's own configuration for the back ends; one process listens in every namespace. */
export function backEndConfiguration(backEnds: readonly BackEnd[]): string {
  return lines([
    'global',
    '  maxconn 2000',
    '  nbthread 1',
    `  lua-load ${DOWNLOAD_SERVICE}`,
    // Its client, which nobody uses here, would read all authorities of the system: two thirds of its start.
    '  httpclient.ssl.verify none',
    'defaults',
    '  mode http',
    '  timeout client 60s',
    '  timeout http-keep-alive 60s',
    ...backEnds.flatMap(({ name, address, ports, onMachine }) => [
      `frontend ${name}`,
      ...ports.map(
        ({ port, tls }) =>
          // A machine gets its addresses later.
          `  bind ${urlHost(address)}:${port} ${onMachine === undefined ? `namespace ${name}` : 'transparent'}${tls ? ` ssl crt ${CERTIFICATE} alpn h2,http/1.1` : ''}`,
      ),
      // Who connected, before the PROXY protocol says for whom.
      '  tcp-request connection set-var(sess.amphora) src',
      ...(onMachine === undefined
        ? []
        : [`  http-request set-var(sess.amphora) str(${onMachine}) if { src 127.0.0.0/8 ::1 }`]),
      ...ports
        .filter(({ proxied }) => proxied)
        .map(({ port }) => `  tcp-request connection expect-proxy layer4 if { dst_port ${port} }`),
      // A session of the application, as a client without one is given it.
      '  http-after-response set-header Set-Cookie "JSESSIONID=%[uuid]" unless { var(txn.session) -m found }',
      '  http-request set-var(txn.session) req.cook(JSESSIONID) if { req.cook(JSESSIONID) -m found }',
      `  http-request use-service lua.download if { path ${DOWNLOAD_PATH} }`,
      `  http-request return status 200 content-type text/plain lf-string "${name} through %[var(sess.amphora)]\\n" hdr X-Member ${name} hdr X-Amphora "%[var(sess.amphora)]" hdr X-Client "%[src]"`,
    ]),
  ]);
}

/** 4 kB twenty times a second: small enough that no buffer on the way holds what is still to come. */
function downloadService(): string {
  return lines([
    'core.register_service("download", "http", function(applet)',
    '  local piece = string.rep("x", 4000)',
    '  applet:set_status(200)',
    '  applet:add_header("content-length", 1200 * #piece)',
    '  applet:start_response()',
    '  for _ = 1, 1200 do',
    '    applet:send(piece)',
    '    core.msleep(50)',
    '  end',
    'end)',
  ]);
}

function hostPrefix(address: string): number {
  return isIPv6(address) ? 128 : 32;
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`;
}
