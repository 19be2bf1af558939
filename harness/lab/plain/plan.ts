import { isIP } from 'node:net';
import { freeAddresses } from '../../../src/domain/free-addresses.ts';
import { contains, ipVersion, networkOf } from '../../../src/domain/schema/address.ts';
import { bindsOf } from '../../pair/configuration/binds.ts';
import { fileAt, hostNameOf } from '../../pair/configuration/overlay.ts';
import { commonPeers, type Node, type Pair, virtualRouters } from '../../pair/configuration/pair.ts';
import type { Instance } from '../../pair/configuration/vrrp.ts';
import { UsageError } from '../../usage-error.ts';
import type { ClientSides } from '../addresses.ts';
import type { BackEnd } from '../backends.ts';
import type { PairTiming } from '../lab.ts';
import type { NetworkRequest } from '../network.ts';
import type { RoutedSubnet } from '../subnets.ts';
import { clientSides } from './client-sides.ts';
import { isLinkLocal } from './link-local.ts';
import { type ConfiguredAddress, configuredAddresses } from './network-files.ts';
import { deviceOf, interfaceOf, type NodeInterface, segmentsOf } from './segments.ts';
import { serversOf } from './servers.ts';
import { type MeasuredService, measuredService } from './service.ts';
import { timingOf } from './timing.ts';

/** A NIC of a node. */
export interface Nic {
  readonly name: string;
  /** Its port in the switch. */
  readonly port: string;
  readonly segment: number;
  readonly mac: string;
  /** Its own addresses, each with its prefix. */
  readonly addresses: readonly string[];
}

/** A machine of the pair in the lab. */
export interface PlannedNode {
  readonly name: string;
  /** As its folder says; else its name. */
  readonly hostname: string;
  readonly priority: number;
  /** The first is on the VIP's network. */
  readonly nics: readonly Nic[];
  /** The interface that VRRP is spoken on, and the address that it is spoken from. */
  readonly vrrp: { readonly interface: string; readonly ip: string };
  /** MAC that the VIP has while this node holds it. */
  readonly vipMac: string;
  /** Default gateways, by version of IP. */
  readonly gateways: readonly { readonly address: string; readonly device: string }[];
  /** Certificates that HAProxy names and the folder lacks. */
  readonly certificates: readonly string[];
  /** Servers on the machine itself. */
  readonly servers: readonly BackEnd[];
}

/** How a pair is placed in a lab. */
export interface PairPlan {
  readonly service: Omit<MeasuredService, 'router' | 'unanswered'>;
  readonly nodes: readonly PlannedNode[];
  readonly network: NetworkRequest & { readonly client: ClientSides };
  readonly backEnds: readonly BackEnd[];
  /** Addresses of the names that configurations use. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly timing: PairTiming;
  /** HAProxy's, where it has one. */
  readonly statsSocket?: string;
}

const ROUTES = /^(virtual|static)_routes$/;
const USUAL = { 4: 24, 6: 64 } as const;
/** Networks of wires on which no address is known (for benchmarks, RFC 2544, appendix C.2.2). */
const UNNAMED = '198.18.';
const SINGLE = { 4: 32, 6: 128 } as const;

/**
 * Fits a lab to a pair: interfaces, addresses, networks, and what answers for its servers. What the configurations do not
 * say is derived: subnets are as long as the prefix of a virtual address, or 24 (64); own addresses and gateways are the
 * first free ones.
 *
 * @throws UsageError where there is nothing to measure
 */
export function planOf(pair: Pair): PairPlan {
  const service = measuredService(pair);
  if (!service)
    throw new UsageError('The pair has no instance with a virtual address: there is nothing to measure.');
  const { unanswered } = service;
  if (unanswered)
    throw new UsageError(
      `${unanswered.file}:${unanswered.line}: "${unanswered.words.join(' ')}" asks what the lab's back ends do not answer: they speak HTTP, with status 200. What is behind it cannot be measured; name another port of HAProxy under service in pair.yaml, or read the files alone with --static.`,
    );
  const [watched] = pair.nodes.flatMap(({ vrrp }) =>
    vrrp.instances.flatMap(({ tracked }) => tracked.filter(({ kind }) => kind === 'process')),
  );
  if (watched)
    throw new UsageError(
      `${watched.file}:${watched.line}: ${watched.name} watches a process, which keepalived cannot do in a lab: the kernel tells of processes in the host's network namespace alone. Let a track_script look instead, such as pidof, or read the files alone with --static.`,
    );
  const vipDevices = service.router.map((instance) => ({
    node: instance.node,
    name: deviceOf(instance, vipOf(instance, service.vip)),
  }));
  const segments = vipFirst(segmentsOf(pair), vipDevices);
  const known = knownAddresses(pair);
  const { onMachines, ...servers } = serversOf(
    pair,
    (address) => known.find((each) => each.address === address)?.node,
  );
  const taken = takenIn(pair, known, servers.backEnds);
  const networks = segments.map((segment, n) => networksOf(pair, segment, n, known, taken));
  const subnets = networks.flat();
  const nodes = pair.nodes.map((node, n) =>
    planNode({
      pair,
      node,
      ordinal: n + 1,
      service,
      segments,
      subnets,
      known,
      taken,
      servers: onMachines[node.name] ?? [],
    }),
  );
  const vips = pair.nodes.flatMap(({ vrrp }) =>
    vrrp.instances.flatMap((instance) =>
      instance.addresses.map((each) => ({
        address: each.address,
        segment: segmentOf(segments, { node: instance.node, name: deviceOf(instance, each) }),
      })),
    ),
  );
  const onLink = vips.filter(
    ({ address, segment }) =>
      !subnets.some((each) => each.segment === segment && contains(each.subnet_cidr, address)),
  );
  const { router: _, unanswered: __, ...measured } = service;
  const statsSocket = statsSocketOf(pair);
  return {
    ...{ service: measured, nodes, ...servers },
    network: {
      ...{ subnets, onLink: uniqueBy(onLink, ({ address }) => address) },
      client: clientSides([...taken, ...subnets.map(({ subnet_cidr }) => subnet_cidr)]),
    },
    timing: timingOf(pair, service.router),
    ...(statsSocket !== undefined && { statsSocket }),
  };
}

function vipOf(instance: Instance, vip: string) {
  const found = instance.addresses.find(({ address }) => address === vip) ?? instance.addresses[0];
  if (!found) throw new Error(`${instance.name} on ${instance.node} has no address.`);
  return found;
}

function vipFirst(
  segments: readonly (readonly NodeInterface[])[],
  devices: readonly NodeInterface[],
): readonly (readonly NodeInterface[])[] {
  const has = (segment: readonly NodeInterface[]) =>
    segment.some((each) => devices.some(({ node, name }) => node === each.node && name === each.name));
  return segments.toSorted((one, other) => Number(has(other)) - Number(has(one)));
}

function segmentOf(segments: readonly (readonly NodeInterface[])[], { node, name }: NodeInterface): number {
  return Math.max(
    0,
    segments.findIndex((segment) => segment.some((each) => each.node === node && each.name === name)),
  );
}

/** An own address that is written somewhere. */
type KnownAddress = ConfiguredAddress & { readonly node: string };

/** Own addresses as they are written: as a source, as another node's peer, or in a network configuration. */
function knownAddresses(pair: Pair): readonly KnownAddress[] {
  const spoken = virtualRouters(pair).flatMap((router) =>
    router.flatMap((instance) => {
      const address = instance.source?.value ?? addressAsPeer(instance, router);
      return address === undefined ? [] : [{ node: instance.node, device: interfaceOf(instance), address }];
    }),
  );
  const configured = pair.nodes.flatMap(({ name, overlay }) =>
    configuredAddresses(overlay).map((each) => ({ ...each, node: name })),
  );
  const all = [...configured, ...spoken.filter(({ address }) => isIP(address) > 0)];
  return uniqueBy(all, ({ node, address }) => `${node} ${address}`);
}

/** The address by which every other node of a router knows an instance; of one list for all, each node takes the next. */
function addressAsPeer(instance: Instance, router: readonly Instance[]): string | undefined {
  const common = commonPeers(router);
  if (common) return common[router.indexOf(instance)];
  const others = router.filter((each) => each !== instance && each.peers.length > 0);
  const own = new Set(instance.peers.map(({ value }) => value));
  const sources = new Set(others.map(({ source }) => source?.value));
  const [first, ...rest] = others.map(({ peers }) =>
    peers.map(({ value }) => value).filter((value) => !own.has(value) && !sources.has(value)),
  );
  return first?.find((address) => rest.every((each) => each.includes(address)));
}

/** Addresses that nothing may be given. */
function takenIn(pair: Pair, known: readonly KnownAddress[], backEnds: readonly BackEnd[]): string[] {
  const written = pair.nodes.flatMap(({ statements, vrrp }) => [
    ...viasIn(statements),
    ...vrrp.instances.flatMap(({ addresses, peers }) => [
      ...addresses.map(({ address }) => address),
      ...peers.map(({ value }) => value),
    ]),
  ]);
  const all = [...written, ...known.map(({ address }) => address), ...backEnds.map(({ address }) => address)];
  return [...new Set(all)].filter((address) => isIP(address) > 0);
}

/** Gateways that virtual_routes and static_routes name. */
function viasIn(statements: Node['statements']): readonly string[] {
  const inner = statements.flatMap(({ block = [] }) => block);
  const routes = [...statements, ...inner].filter(({ words }) => ROUTES.test(words[0] ?? ''));
  return routes
    .flatMap(({ block = [] }) => block)
    .flatMap((route) => {
      const n = Math.max(route.words.indexOf('via'), route.words.indexOf('gw'));
      return n < 0 ? [] : [route.words[n + 1] ?? ''];
    });
}

/** The subnets of a segment, and the router's address in each. */
function networksOf(
  pair: Pair,
  segment: readonly NodeInterface[],
  number: number,
  known: readonly KnownAddress[],
  taken: string[],
): readonly (RoutedSubnet & { readonly segment: number })[] {
  const isHere = (node: string, name: string) =>
    segment.some((each) => each.node === node && each.name === name);
  const own = known.filter(({ node, device }) => isHere(node, device));
  const brought = pair.nodes.flatMap(({ vrrp }) =>
    vrrp.instances.flatMap((instance) =>
      instance.addresses.filter((each) => isHere(instance.node, deviceOf(instance, each))),
    ),
  );
  const wide = ({ address, prefix }: { readonly address: string; readonly prefix?: number | undefined }) => {
    const version = ipVersion(address);
    return networkOf(
      `${address}/${prefix === undefined || prefix === SINGLE[version] ? USUAL[version] : prefix}`,
    );
  };
  const subnets: string[] = [];
  const add = (address: string, network: string) => {
    if (isLinkLocal(address) || subnets.some((each) => contains(each, address))) return;
    subnets.push(network);
  };
  const written = [...own.filter(({ prefix }) => prefix !== undefined), ...brought.filter(isNetwork)];
  for (const each of written) add(each.address, wide(each));
  for (const each of own) add(each.address, wide(each));
  // An address alone lies in a network only where nothing else shows one.
  for (const version of [4, 6] as const)
    if (!subnets.some((each) => ipVersion(each) === version))
      for (const each of brought) if (ipVersion(each.address) === version) add(each.address, wide(each));
  // VRRP needs an address to speak from, also where the VIP is on another interface.
  if (subnets.length === 0) subnets.push(networkOf(`${UNNAMED}${number}.0/24`));
  const vias = pair.nodes.flatMap(({ statements }) => viasIn(statements));
  return subnets.map((subnet_cidr) => {
    const router =
      vias.find((via) => isIP(via) > 0 && contains(subnet_cidr, via)) ?? free(subnet_cidr, taken);
    return { subnet_cidr, router, segment: number };
  });
}

function isNetwork({ address, prefix }: { readonly address: string; readonly prefix: number }): boolean {
  return prefix < SINGLE[ipVersion(address)];
}

/** The first free host of a subnet, which is taken then. */
function free(subnet_cidr: string, taken: string[]): string {
  const [address = ''] = freeAddresses(subnet_cidr, taken, {
    count: 1,
    usual: [],
    what: 'the router and the nodes',
  });
  taken.push(address);
  return address;
}

function planNode(given: {
  readonly pair: Pair;
  readonly node: Node;
  readonly ordinal: number;
  readonly service: MeasuredService;
  readonly segments: readonly (readonly NodeInterface[])[];
  readonly subnets: readonly (RoutedSubnet & { readonly segment: number })[];
  readonly known: readonly KnownAddress[];
  readonly taken: string[];
  readonly servers: readonly BackEnd[];
}): PlannedNode {
  const { node, ordinal, service, segments, subnets, known, taken, servers } = given;
  const mine = segments.flatMap((segment, number) =>
    segment.filter((each) => each.node === node.name).map(({ name }) => ({ name, segment: number })),
  );
  const nics = mine.map(({ name, segment }, n): Nic => {
    const written = known.filter((each) => each.node === node.name && each.device === name);
    const addresses = subnets
      .filter((subnet) => subnet.segment === segment)
      .flatMap(({ subnet_cidr }) => {
        const own = written
          .filter(({ address }) => contains(subnet_cidr, address))
          .map(({ address }) => address);
        const [, prefix] = subnet_cidr.split('/');
        return (own.length > 0 ? own : [free(subnet_cidr, taken)]).map((address) => `${address}/${prefix}`);
      });
    return {
      ...{ name, segment, addresses, mac: macOf(segment, ordinal) },
      port: n === 0 ? node.name : `${node.name}-${n}`,
    };
  });
  const [first] = nics;
  if (!first) throw new Error(`${node.name} has no interface.`);
  const instance = service.router.find((each) => each.node === node.name);
  const spoken = nics.find(({ name }) => instance && name === interfaceOf(instance)) ?? first;
  const vrrpIp = instance?.source?.value ?? sourceOf(instance, spoken, service.vip);
  return {
    ...{ name: node.name, hostname: hostNameOf(node.overlay) ?? node.name, nics },
    priority: instance?.priority.value ?? 0,
    vrrp: { interface: spoken.name, ip: vrrpIp },
    vipMac: instance?.vmac ? virtualMac(instance, service.vip) : first.mac,
    gateways: gatewaysOf(nics, subnets),
    certificates: missingCertificates(node),
    servers: servers.map((server) => ({ ...server, onMachine: first.addresses[0]?.split('/')[0] ?? vrrpIp })),
  };
}

/** The address that keepalived speaks from: over IPv6 the link-local one (RFC 9568, section 5.1.2.1). */
function sourceOf(instance: Instance | undefined, { mac, addresses }: Nic, vip: string): string {
  const written = instance && isIP(vip) === 6 && instance.peers.length === 0;
  if (written) return linkLocal(mac);
  const own = addresses.map((each) => each.split('/')[0] ?? '');
  return own.find((address) => isIP(address) === isIP(vip)) ?? own[0] ?? linkLocal(mac);
}

/** RFC 4291, appendix A: of a MAC, as the kernel makes it. */
function linkLocal(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((part) => Number.parseInt(part, 16));
  const groups = [(a ^ 2) * 256 + b, c * 256 + 0xff, 0xfe00 + d, e * 256 + f];
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}`;
}

/** RFC 9568, section 7.3. */
function virtualMac({ routerId }: Instance, vip: string): string {
  return `00:00:5e:00:0${isIP(vip) === 6 ? 2 : 1}:${routerId.value.toString(16).padStart(2, '0')}`;
}

/** Locally administered. */
function macOf(segment: number, ordinal: number): string {
  const [high, low] = [segment, ordinal].map((n) => n.toString(16).padStart(2, '0'));
  return `fa:16:3e:01:${high}:${low}`;
}

/** The routers of the first subnet of each version of IP: the VIP's, where it has one. */
function gatewaysOf(
  nics: readonly Nic[],
  subnets: readonly (RoutedSubnet & { readonly segment: number })[],
): PlannedNode['gateways'] {
  return ([4, 6] as const).flatMap((version) => {
    const found = nics.flatMap(({ name, segment }) =>
      subnets
        .filter((each) => each.segment === segment && ipVersion(each.subnet_cidr) === version)
        .map(({ router }) => ({ address: router, device: name })),
    );
    return found.slice(0, 1);
  });
}

/** Where HAProxy wants a certificate and the folder has none; a folder wants a file in it. */
function missingCertificates(node: Node): readonly string[] {
  const named = [...new Set(bindsOf(node).flatMap(({ certificates }) => certificates))];
  const { files } = node.overlay;
  return named.flatMap((path) => {
    if (fileAt(node.overlay, path)) return [];
    const inside = [...files.keys()].some((each) => `/${each}`.startsWith(`${path.replace(/\/$/, '')}/`));
    if (inside) return [];
    return [/\.[a-z]+$/.test(path) ? path : `${path.replace(/\/$/, '')}/lab.pem`];
  });
}

function statsSocketOf({ nodes: [first] }: Pair): string | undefined {
  const global = first?.haproxy?.sections.find(({ words }) => words[0] === 'global');
  const socket = global?.lines.find(({ words }) => words[0] === 'stats' && words[1] === 'socket')?.words[2];
  return socket?.replace(/^unix@/, '').match(/^\/\S+/)?.[0];
}

function uniqueBy<T>(all: readonly T[], key: (each: T) => string): readonly T[] {
  return [...new Map(all.toReversed().map((each) => [key(each), each])).values()].toReversed();
}
