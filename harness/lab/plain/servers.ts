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
  /** What is on the machines themselves, by node. */
  readonly onMachines: Readonly<Record<string, readonly BackEnd[]>>;
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

/**
 * Each server of each node once, with all ports asked of it.
 *
 * @param ownerOf the node whose own address this is
 */
export function serversOf({ nodes }: Pair, ownerOf: (address: string) => string | undefined): Servers {
  const hosts: Record<string, string> = {};
  const found = new Map<string, Found>();
  for (const node of nodes) {
    for (const { host, port, proxied, tls } of serversIn(node)) {
      const isLoopback = LOOPBACK.test(host);
      if (isIP(host) === 0 && !isLoopback) hosts[host] ??= `${NAMED}${Object.keys(hosts).length + 1}`;
      const address = host === 'localhost' ? '127.0.0.1' : (hosts[host] ?? host);
      const owner = isLoopback ? node.name : ownerOf(address);
      const key = `${owner ?? ''} ${address}`;
      const server = found.get(key) ?? { address, owner, ports: new Map() };
      if (!server.ports.has(port)) server.ports.set(port, { port, proxied, tls });
      found.set(key, server);
    }
  }
  const all = [...found.values()].map(({ address, owner, ports }, n) => ({
    owner,
    backEnd: { name: `backend-${n + 1}`, address, ports: [...ports.values()] },
  }));
  const of = (name: string | undefined) =>
    all.filter(({ owner }) => owner === name).map(({ backEnd }) => backEnd);
  return {
    ...{ backEnds: of(undefined), hosts },
    onMachines: Object.fromEntries(nodes.map(({ name }) => [name, of(name)])),
  };
}

/** A server, and the node that it is on, where it is on one. */
interface Found {
  readonly address: string;
  readonly owner: string | undefined;
  readonly ports: Map<number, BackEnd['ports'][number]>;
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

/** The lines of a section and of its default back end. */
function linesBehind(haproxy: Node['haproxy'], section: string): readonly Directive[] {
  const all = haproxy?.sections ?? [];
  const found = all.find(({ words: [kind = '', name = ''] }) => `${kind} ${name}`.trim() === section);
  const defaultBackend = found?.lines.findLast(({ words }) => words[0] === 'default_backend')?.words[1];
  const backend = all.find(({ words }) => words[0] === 'backend' && words[1] === defaultBackend);
  return [found, backend].flatMap((each) => each?.lines ?? []);
}

/** Checks that log in to a server, or wait for its own words. */
const UNANSWERED: readonly RegExp[] = [
  /^option (mysql-check|pgsql-check|redis-check|ldap-check|smtpchk|external-check)\b/,
  /^http-check expect (!|not |string|rstring|hdr|fhdr|status (?!200\b)|rstatus)/,
  /^tcp-check expect\b/,
];

/** The check of a section's servers that the lab's back ends, which answer HTTP with status 200, do not pass. */
export function unansweredCheck(haproxy: Node['haproxy'], section: string): Directive | undefined {
  return linesBehind(haproxy, section).find(({ words }) =>
    UNANSWERED.some((pattern) => pattern.test(words.join(' '))),
  );
}

/** Whether a section's servers speak TLS with the client, through HAProxy. */
export function passesTlsOn(haproxy: Node['haproxy'], section: string): boolean {
  const lines = linesBehind(haproxy, section);
  const isOwn = lines.some(({ words }) => words[0] === 'server' && words.includes('ssl'));
  return !isOwn && lines.some(checksTls);
}
