import { isIPv6 } from 'node:net';
import { urlHost } from '../../src/domain/url-host.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { prefixOf, type RoutedSubnet, subnetFor } from './subnets.ts';

/** In the fabric, the file that names the process of the back ends. */
export const BACK_ENDS_PID = '/run/backends.pid';

/** A back end answers a request for it with a body that takes a minute. */
export const DOWNLOAD_PATH = '/download';
const DOWNLOAD_SERVICE = '/run/download.lua';

/** A back end that the lab plays: what it listens on, and by which name it answers. */
export interface BackEnd {
  readonly name: string;
  readonly address: string;
  readonly ports: readonly number[];
}

/** The members' addresses, each once, with all ports asked of it. */
export function backEndsFor(
  members: readonly { address: string; protocol_port: number }[],
): readonly BackEnd[] {
  const ports = new Map<string, Set<number>>();
  for (const member of members) {
    const known = ports.get(member.address) ?? new Set();
    ports.set(member.address, known.add(member.protocol_port));
  }
  return [...ports].map(([address, set], index) => ({
    name: `backend-${index + 1}`,
    address,
    ports: [...set],
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
): Promise<void> {
  if (backEnds.length === 0) return;
  const placed = backEnds.map((backEnd) => ({ ...backEnd, ...subnetFor(subnets, backEnd.address) }));
  await fabric.run(
    { argv: ['ip', '-batch', '-'], stdin: lines(backEnds.map((backEnd) => `netns add ${backEnd.name}`)) },
    {
      argv: ['ip', '-n', 'switch', '-batch', '-'],
      stdin: lines(
        backEnds.flatMap(({ name }) => [
          `link add ${name} type veth peer name eth0 netns ${name}`,
          `link set ${name} master br0 up`,
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
      stdin: lines(remote.map(({ address }) => `route add ${address}/${hostPrefix(address)} dev vip0`)),
    });
  }
  await fabric.run(
    { argv: ['tee', DOWNLOAD_SERVICE], stdin: downloadService() },
    { argv: ['tee', '/run/backends.cfg'], stdin: backEndConfiguration(backEnds) },
    { argv: ['haproxy', '-D', '-f', '/run/backends.cfg', '-p', BACK_ENDS_PID] },
  );
}

/** HAProxy's own configuration for the back ends; one process listens in every namespace. */
export function backEndConfiguration(backEnds: readonly BackEnd[]): string {
  return lines([
    'global',
    '  maxconn 2000',
    '  nbthread 1',
    `  lua-load ${DOWNLOAD_SERVICE}`,
    'defaults',
    '  mode http',
    '  timeout client 60s',
    '  timeout http-keep-alive 60s',
    ...backEnds.flatMap(({ name, address, ports }) => [
      `frontend ${name}`,
      ...ports.map((port) => `  bind ${urlHost(address)}:${port} namespace ${name}`),
      // A session of the application, as a client without one is given it.
      '  http-after-response set-header Set-Cookie "JSESSIONID=%[uuid]" unless { var(txn.session) -m found }',
      '  http-request set-var(txn.session) req.cook(JSESSIONID) if { req.cook(JSESSIONID) -m found }',
      `  http-request use-service lua.download if { path ${DOWNLOAD_PATH} }`,
      `  http-request return status 200 content-type text/plain lf-string "${name} through %[src]\\n" hdr X-Member ${name} hdr X-Amphora "%[src]"`,
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
