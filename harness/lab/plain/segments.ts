import type { Node, Pair } from '../../pair/configuration/pair.ts';
import { virtualRouters } from '../../pair/configuration/pair.ts';
import type { Instance, VirtualAddress } from '../../pair/configuration/vrrp.ts';
import { configuredAddresses } from './network-files.ts';

/** Where keepalived.conf names none. */
const USUAL_INTERFACE = 'eth0';
/** Interfaces that every machine has, or that keepalived makes. */
const OWN = /^(lo|vrrp[.\d]*)$/;

/** An interface of a node. */
export interface NodeInterface {
  readonly node: string;
  readonly name: string;
}

export function interfaceOf(instance: Instance): string {
  return instance.interface?.value ?? USUAL_INTERFACE;
}

/** The interface that gets an address: a MAC of its own is on top of the instance's. */
export function deviceOf(instance: Instance, { device }: VirtualAddress): string {
  return device === undefined || device === instance.vmac?.interface ? interfaceOf(instance) : device;
}

/** The interfaces that a node's configurations name, in the order in which they are named. */
export function interfacesOf(node: Node): readonly string[] {
  const { instances } = node.vrrp;
  const made = new Set(instances.flatMap(({ vmac }) => (vmac ? [vmac.interface] : [])));
  const routes = node.statements
    .flatMap(({ block = [] }) => block)
    .filter(({ words }) => words[0] === 'virtual_routes' || words[0] === 'static_routes')
    .flatMap(({ block = [] }) => block)
    .flatMap(({ words }) => (words.includes('dev') ? [words[words.indexOf('dev') + 1] ?? ''] : []));
  const named = [
    ...instances.flatMap((instance) => [
      interfaceOf(instance),
      ...instance.addresses.map((address) => deviceOf(instance, address)),
      ...instance.tracked.filter(({ kind }) => kind === 'interface').map(({ name }) => name),
    ]),
    ...routes,
    ...configuredAddresses(node.overlay).map(({ device }) => device),
  ];
  const all = [...new Set(named)].filter((name) => name !== '' && !OWN.test(name) && !made.has(name));
  return all.length > 0 ? all : [USUAL_INTERFACE];
}

/**
 * Which interfaces are on one wire: those of one virtual router, those that bring one address, and then those of one name
 * where that joins no two interfaces of a node.
 */
export function segmentsOf(pair: Pair): readonly (readonly NodeInterface[])[] {
  const all = pair.nodes.flatMap((node) => interfacesOf(node).map((name) => ({ node: node.name, name })));
  let segments: (readonly NodeInterface[])[] = all.map((each) => [each]);
  const join = (wanted: readonly NodeInterface[]) => {
    const isIn = (segment: readonly NodeInterface[]) =>
      segment.some(({ node, name }) => wanted.some((each) => each.node === node && each.name === name));
    const joined = segments.filter(isIn).flat();
    const nodes = joined.map(({ node }) => node);
    if (new Set(nodes).size < nodes.length) return;
    if (joined.length > 0) segments = [...segments.filter((segment) => !isIn(segment)), joined];
  };
  for (const router of virtualRouters(pair))
    join(router.map((instance) => ({ node: instance.node, name: interfaceOf(instance) })));
  const brought = pair.nodes.flatMap(({ vrrp }) =>
    vrrp.instances.flatMap((instance) =>
      instance.addresses.map((each) => ({
        address: each.address,
        at: { node: instance.node, name: deviceOf(instance, each) },
      })),
    ),
  );
  for (const group of Map.groupBy(brought, ({ address }) => address).values())
    join(group.map(({ at }) => at));
  for (const group of Map.groupBy(all, ({ name }) => name).values()) join(group);
  return segments;
}
