import { isIP } from 'node:net';
import { urlHost } from '../../../src/domain/url-host.ts';
import { bindsOf } from '../../pair/configuration/binds.ts';
import type { Node, Pair } from '../../pair/configuration/pair.ts';
import type { Directive } from '../../syntax/haproxy.ts';
import type { BackEnd } from '../backends.ts';

/** What the nodes' server lines ask for. */
export interface Servers {
  readonly backEnds: readonly BackEnd[];
  /** Addresses of the names that server lines have. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** Addresses for servers that are named (for benchmarks, RFC 2544, appendix C.2.2), beside the lab's own. */
const NAMED = '198.19.255.';
const LOOPBACK = /^(127\.|::1$|localhost$)/;

/** Whether a line checks that a server speaks TLS: where HAProxy itself does not, it passes the client's on. */
function checksTls({ words: [first, second, ...rest] }: Directive): boolean {
  if (first === 'option') return second === 'ssl-hello-chk';
  if (first === 'http-check' || first === 'tcp-check') return second === 'connect' && rest.includes('ssl');
  return (first === 'server' || first === 'default-server') && [second, ...rest].includes('check-ssl');
}

/** A server line: where it leads, and how it is spoken to. */
interface Server {
  readonly host: string;
  readonly port: number;
  readonly proxied: boolean;
  readonly tls: boolean;
}

/** Each server of each node once, with all ports asked of it. Servers on the node itself are not the lab's to play. */
export function serversOf({ nodes }: Pair): Servers {
  const hosts: Record<string, string> = {};
  const found = new Map<string, Map<number, BackEnd['ports'][number]>>();
  for (const server of nodes.flatMap(serversIn)) {
    const { host, port, proxied, tls } = server;
    if (LOOPBACK.test(host)) continue;
    if (isIP(host) === 0) hosts[host] ??= `${NAMED}${Object.keys(hosts).length + 1}`;
    const address = hosts[host] ?? host;
    const ports = found.get(address) ?? new Map();
    if (!ports.has(port)) ports.set(port, { port, proxied, tls });
    found.set(address, ports);
  }
  const backEnds = [...found].map(([address, ports], n) => ({
    ...{ name: `backend-${n + 1}`, address, ports: [...ports.values()] },
  }));
  return { backEnds, hosts };
}

function serversIn(node: Node): readonly Server[] {
  const sections = node.haproxy?.sections ?? [];
  const ports = bindsOf(node).map(({ port }) => Number.parseInt(port, 10));
  let defaults: readonly string[] = [];
  return sections.flatMap(({ words: [kind], lines }) => {
    const own = lines.filter(({ words }) => words[0] === 'default-server').flatMap(({ words }) => words);
    const areTls = lines.some(checksTls);
    if (kind === 'defaults') defaults = own;
    if (kind !== 'backend' && kind !== 'listen') return [];
    return lines
      .filter(({ words }) => words[0] === 'server')
      .flatMap(({ words: [, , written = '', ...options] }): Server[] => {
        const all = [...defaults, ...own, ...options];
        const place = placeOf(written, ports[0] ?? 80);
        if (!place) return [];
        const proxied = all.some((word) => /^send-proxy/.test(word));
        const tls = areTls || all.includes('ssl');
        const checked = Number(options[options.indexOf('port') + 1]);
        const check: Server = { ...place, port: checked, proxied: false, tls };
        const server: Server = { ...place, proxied, tls };
        return options.includes('port') && checked > 0 ? [server, check] : [server];
      });
  });
}

/** `10.0.0.1:80`, `[2001:db8::1]:80`, `ipv4@web1:8080`; without a port it is the client's. */
function placeOf(
  written: string,
  clientPort: number,
): { readonly host: string; readonly port: number } | undefined {
  const bare = written.replace(/^ipv[46]@/, '');
  if (/^[/@$]|^(unix|abns|fd|sockpair)@/.test(bare)) return undefined;
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|(.*?))(?::([+-]?\d+))?$/.exec(bare) ?? [];
  const host = bracketed ?? plain ?? '';
  if (host === '') return undefined;
  // An IPv6 address without brackets and port has colons that part nothing.
  if (isIP(bare) === 6) return { host: bare, port: clientPort };
  const number = Number(port ?? 0);
  return { host, port: /^[+-]/.test(port ?? '') || number === 0 ? clientPort + number : number };
}

/** A server as messages name it. */
export function shownServer({ address, ports }: BackEnd): string {
  return ports.map(({ port }) => `${urlHost(address)}:${port}`).join(', ');
}

/** Whether a section's servers speak TLS with the client, through HAProxy. */
export function passesTlsOn(haproxy: Node['haproxy'], section: string): boolean {
  const all = haproxy?.sections ?? [];
  const found = all.find(({ words: [kind = '', name = ''] }) => `${kind} ${name}`.trim() === section);
  const defaultBackend = found?.lines.findLast(({ words }) => words[0] === 'default_backend')?.words[1];
  const backend = all.find(({ words }) => words[0] === 'backend' && words[1] === defaultBackend);
  const lines = [found, backend].flatMap((each) => each?.lines ?? []);
  const isOwn = lines.some(({ words }) => words[0] === 'server' && words.includes('ssl'));
  return !isOwn && lines.some(checksTls);
}
