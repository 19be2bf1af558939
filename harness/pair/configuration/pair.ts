import { type HaproxyConfiguration, readHaproxy } from '../../syntax/haproxy.ts';
import { readKeepalived, wholeText } from '../../syntax/keepalived.ts';
import type { Comment, Place, Statement } from '../../syntax/statement.ts';
import { HAPROXY_CFG, identifierOf, included, KEEPALIVED_CONF, type Overlay, sourceOf } from './overlay.ts';
import { type Instance, type Vrrp, vrrpOf } from './vrrp.ts';

/** What cannot be read from the configurations: pair.yaml. */
export interface PairSettings {
  /** What is measured; where it is absent, the first port of HAProxy that fits a virtual address. */
  readonly service?:
    | { readonly port: number; readonly protocol: 'http' | 'https' | 'tcp'; readonly path: string }
    | undefined;
  /** Debian packages that the nodes have besides keepalived and haproxy. */
  readonly packages: readonly string[];
}

/** A machine of the pair, with what its configurations say. */
export interface Node {
  readonly name: string;
  readonly overlay: Overlay;
  /** keepalived.conf with what it includes. */
  readonly statements: readonly Statement[];
  readonly vrrp: Vrrp;
  readonly haproxy?: HaproxyConfiguration;
  readonly comments: readonly Comment[];
  /** Lines that depend on a machine's name that is not known, and lines that are repeated. */
  readonly unknown: readonly Place[];
}

/** Nodes that share virtual addresses: mostly two. */
export interface Pair {
  readonly nodes: readonly Node[];
  readonly settings: PairSettings;
}

/**
 * Reads the configurations of a pair.
 *
 * @throws UnreadableConfiguration with file and line
 */
export function readPair(overlays: readonly Overlay[], settings: PairSettings): Pair {
  return { nodes: overlays.map(readNode), settings };
}

function readNode(overlay: Overlay): Node {
  const empty = { statements: [], comments: [], unknown: [] };
  const keepalived = sourceOf(overlay, KEEPALIVED_CONF);
  const { statements, comments, unknown } = keepalived
    ? readKeepalived(keepalived, (pattern, from) => included(overlay, pattern, from), identifierOf(overlay))
    : empty;
  const proxy = sourceOf(overlay, HAPROXY_CFG);
  const haproxy = proxy && readHaproxy(proxy);
  return {
    ...{ name: overlay.name, overlay, statements, unknown, vrrp: vrrpOf(overlay.name, statements) },
    ...(haproxy && { haproxy }),
    comments: [...comments, ...(haproxy?.comments ?? [])],
  };
}

/** keepalived.conf of a node with all that it includes. */
export function wholeKeepalived({ overlay }: Node): string | undefined {
  const keepalived = sourceOf(overlay, KEEPALIVED_CONF);
  return (
    keepalived &&
    wholeText(keepalived, (pattern, from) => included(overlay, pattern, from), identifierOf(overlay))
  );
}

/** The instances that are one virtual router: on each node at most one. */
export type VirtualRouter = readonly Instance[];

/**
 * Finds which instances belong together: first those with a common virtual address, then those with the same
 * virtual_router_id, then those with the same name. What is left over on one node only is a router by itself.
 */
export function virtualRouters({ nodes }: Pair): readonly VirtualRouter[] {
  const routers: Instance[][] = [];
  for (const { name, vrrp } of nodes) {
    let waiting = vrrp.instances;
    for (const together of [sharesAddress, sameRouterId, sameName, () => waiting.length === 1]) {
      const free = (router: Instance[]) => router.every(({ node }) => node !== name);
      waiting = waiting.filter((instance) => {
        const fitting = routers.filter(
          (router) => free(router) && router.some((other) => together(instance, other)),
        );
        // Where several fit, a later sign decides.
        const router =
          together === sharesAddress ? fitting[0] : fitting.length === 1 ? fitting[0] : undefined;
        router?.push(instance);
        return router === undefined;
      });
    }
    routers.push(...waiting.map((instance) => [instance]));
  }
  return routers;
}

function sharesAddress(one: Instance, other: Instance): boolean {
  return one.addresses.some(({ address }) => other.addresses.some((its) => its.address === address));
}

function sameRouterId(one: Instance, other: Instance): boolean {
  return one.routerId.value === other.routerId.value && one.family === other.family;
}

function sameName(one: Instance, other: Instance): boolean {
  return one.name === other.name;
}

/** The virtual routers that more than one node carries. */
export function sharedRouters(pair: Pair): readonly VirtualRouter[] {
  return virtualRouters(pair).filter(({ length }) => length > 1);
}

/**
 * The peers that all instances of a router list alike, where they are as many as the nodes and nothing says which address
 * is whose: each node lists itself as well.
 */
export function commonPeers(router: VirtualRouter): readonly string[] | undefined {
  const [first, ...others] = router.map(({ peers }) => new Set(peers.map(({ value }) => value)));
  const alike = others.every((each) => each.size === first?.size && each.isSubsetOf(first));
  const unsaid = router.every(({ source }) => source === undefined);
  return first && unsaid && alike && first.size >= Math.max(2, router.length) ? [...first] : undefined;
}

/** The instances whose value is not that of the router's first instance, each with the first. */
export function differing(
  pair: Pair,
  read: (instance: Instance) => unknown,
): readonly { readonly first: Instance; readonly other: Instance }[] {
  return sharedRouters(pair).flatMap(([first, ...others]) =>
    first ? others.filter((other) => read(other) !== read(first)).map((other) => ({ first, other })) : [],
  );
}

/** The node of an instance. */
export function nodeOf({ nodes }: Pair, { node }: Instance): Node {
  const found = nodes.find(({ name }) => name === node);
  if (!found) throw new Error(`The pair has no node ${node}.`);
  return found;
}

/** An instance and the others of its sync group. */
export function together(pair: Pair, instance: Instance): readonly [Instance, ...Instance[]] {
  const { groups, instances } = nodeOf(pair, instance).vrrp;
  const group = groups.find(({ members }) => members.some(({ value }) => value === instance.name));
  const others = group?.members.flatMap(
    ({ value }) => instances.find(({ name }) => name === value && name !== instance.name) ?? [],
  );
  return [instance, ...(others ?? [])];
}

/** An instance as messages name it: `VI_1 on a`. */
export function shown({ name, node }: Instance): string {
  return `${name} on ${node}`;
}
