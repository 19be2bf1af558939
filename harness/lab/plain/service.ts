import { type Bind, bindsOf } from '../../pair/configuration/binds.ts';
import { type Pair, type VirtualRouter, virtualRouters } from '../../pair/configuration/pair.ts';
import type { VirtualAddress } from '../../pair/configuration/vrrp.ts';
import type { Directive } from '../../syntax/haproxy.ts';
import { isLinkLocal } from './link-local.ts';
import { passesTlsOn, unansweredCheck } from './servers.ts';

/** How clients speak to the service. */
export type ServiceProtocol = 'http' | 'https' | 'tcp';

/** What is measured: an address that moves, and a port that HAProxy listens on there. */
export interface MeasuredService {
  readonly vip: string;
  readonly port: number;
  readonly protocol: ServiceProtocol;
  readonly path: string;
  /** `virtual_router_id` of the instances. */
  readonly routerId: number;
  /** The instances that bring the address. */
  readonly router: VirtualRouter;
  /** A check of its servers that the lab's back ends do not pass. */
  readonly unanswered?: Directive;
}

/**
 * Chooses what is measured: the first virtual address that HAProxy listens on, at a port without TLS where there is one;
 * pair.yaml may name the port.
 *
 * @returns undefined where no instance brings an address
 */
export function measuredService(pair: Pair): MeasuredService | undefined {
  const { service: wanted } = pair.settings;
  const binds = pair.nodes.flatMap((node) =>
    bindsOf(node).map((bind) => ({
      ...bind,
      number: Number.parseInt(bind.port, 10),
      mode: modeOf(pair, bind),
      forwards: forwards(pair, bind),
      passesOn: passesTlsOn(node.haproxy, bind.section),
      unanswered: unansweredCheck(node.haproxy, bind.section),
    })),
  );
  const rank = ({ unanswered, forwards, tls }: (typeof binds)[number]) =>
    Number(Boolean(unanswered)) * 4 + Number(!forwards) * 2 + Number(tls);
  // The router that most nodes carry first: what one node alone has does not move.
  const routers = virtualRouters(pair).toSorted((one, other) => other.length - one.length);
  const offers = routers.flatMap((router) =>
    reachable(router[0]?.addresses ?? []).map(({ address: vip }) => {
      const [bind] = binds
        .filter(({ address, number }) => ['', vip].includes(address) && (!wanted || number === wanted.port))
        .toSorted((one, other) => rank(one) - rank(other));
      return { vip, router, bind };
    }),
  );
  const chosen = offers.find(({ bind }) => bind) ?? offers[0];
  if (!chosen) return undefined;
  const { vip, router, bind } = chosen;
  const protocol =
    wanted?.protocol ?? (bind?.tls || bind?.passesOn ? 'https' : bind?.mode === 'http' ? 'http' : 'tcp');
  const routerId = router[0]?.routerId.value ?? 0;
  return {
    vip,
    router,
    routerId,
    port: wanted?.port ?? bind?.number ?? 80,
    protocol,
    path: wanted?.path ?? '/',
    ...(bind?.unanswered && { unanswered: bind.unanswered }),
  };
}

/** Clients behind a router do not reach link-local addresses, which come first over IPv6 (RFC 9568, section 5.2.9). */
function reachable(addresses: readonly VirtualAddress[]): readonly VirtualAddress[] {
  const routed = addresses.filter(({ address }) => !isLinkLocal(address));
  return routed.length > 0 ? routed : addresses;
}

const FORWARDING = new Set(['server', 'server-template', 'default_backend', 'use_backend']);

/** Whether a section has servers: HAProxy's own pages, such as its statistics, are not what clients come for. */
function forwards({ nodes }: Pair, { file, section }: Bind): boolean {
  return nodes
    .flatMap(({ haproxy }) => haproxy?.sections ?? [])
    .some(
      (each) =>
        each.file === file &&
        `${each.words[0]} ${each.words[1] ?? ''}`.trim() === section &&
        each.lines.some(({ words: [keyword = ''] }) => FORWARDING.has(keyword)),
    );
}

/** `mode` of the section that a bind stands in, or of the defaults before it. */
function modeOf({ nodes }: Pair, { file, line }: Bind): string {
  const sections = nodes
    .flatMap(({ haproxy }) => haproxy?.sections ?? [])
    .filter((each) => each.file === file);
  const before = sections.filter((section) => section.line < line);
  const own = before.at(-1);
  const modeIn = (section: (typeof sections)[number] | undefined) =>
    section?.lines.findLast(({ words }) => words[0] === 'mode')?.words[1];
  return modeIn(own) ?? modeIn(before.findLast(({ words }) => words[0] === 'defaults')) ?? 'tcp';
}
