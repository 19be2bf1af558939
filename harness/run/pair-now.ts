import type { Pair } from '../analysis/verdict/facts.ts';
import type { Lab, LabNode } from '../lab/lab.ts';
import type { World } from '../scenario/world/world.ts';

/** What the kernel of a machine says where the VIP is served. */
interface VipSide {
  readonly addresses: readonly string[];
  /** `net.ipv4.ip_forward`. */
  readonly forwards: boolean;
}

interface Seen extends VipSide {
  readonly node: LabNode;
}

type Roles = Pick<World, 'master' | 'backup' | 'others'>;

/**
 * Which machine holds the VIP, and what a stored run says of each.
 *
 * @throws where not exactly one holds it
 */
export async function pairNow(lab: Lab): Promise<{ readonly roles: Roles; readonly pair: Pair }> {
  const machines = await allSeen(lab, lab.nodes);
  const roles = rolesOf(machines, lab.vip);
  const inOrder = [roles.master, roles.backup, ...roles.others].flatMap(({ id }) =>
    machines.filter(({ node }) => node.id === id),
  );
  return { roles, pair: pairOf(lab, inOrder) };
}

/** The same of machines whose roles are known, the one that holds the VIP first. */
export async function pairInOrder(lab: Lab, nodes: readonly LabNode[]): Promise<Pair> {
  return pairOf(lab, await allSeen(lab, nodes));
}

function allSeen(lab: Lab, nodes: readonly LabNode[]): Promise<readonly Seen[]> {
  return Promise.all(
    nodes.map(async (node) => {
      const argv = lab.besideVip(node, 'ip', '-json', '-batch', '-');
      const [said] = await lab.fabric.run({ argv, stdin: 'address\nnetconf\n' });
      return { node, ...readVipSide(said?.stdout ?? '') };
    }),
  );
}

/** Reads what ip(8) says of `address` and `netconf`, each a line of JSON. */
export function readVipSide(said: string): VipSide {
  const [links = '[]', settings = '[]'] = said.split('\n').filter(Boolean);
  const all = JSON.parse(links) as readonly { addr_info: readonly { local?: string }[] }[];
  const each = JSON.parse(settings) as readonly {
    family: string;
    interface?: string;
    forwarding?: boolean;
  }[];
  return {
    addresses: all.flatMap(({ addr_info }) => addr_info.flatMap(({ local }) => local ?? [])),
    // The setting of all interfaces together.
    forwards: each.some((one) => one.family === 'inet' && one.interface === 'all' && one.forwarding === true),
  };
}

/** Exactly one must hold the VIP. One that is alone is its own backup. */
export function rolesOf(machines: readonly Seen[], vip: string): Roles {
  const holds = ({ addresses }: Seen) => addresses.includes(vip);
  const masters = machines.filter(holds).map(({ node }) => node);
  const [master] = masters;
  // The next in the election comes first.
  const [next, ...others] = machines
    .filter((machine) => !holds(machine))
    .map(({ node }) => node)
    .toSorted((one, other) => other.vrrp_priority - one.vrrp_priority);
  const backup = next ?? (machines.length === 1 ? master : undefined);
  if (!master || !backup || masters.length > 1) {
    throw new Error(
      `The VIP must have one holder before the fault; ${masters.length} of ${machines.length} machines hold it.`,
    );
  }
  return { master, backup, others };
}

function pairOf(lab: Lab, machines: readonly Seen[]): Pair {
  const [master, backup = master, ...others] = machines.map((machine) => participant(lab, machine));
  if (!master || !backup) throw new Error('The lab has no machine.');
  return { vip: lab.vip, master, backup, ...(others.length > 0 && { others }) };
}

function participant(lab: Lab, { node, forwards }: Seen): Pair['master'] {
  return {
    node: node.instance.name,
    vrrpIp: node.vrrp_ip,
    mac: lab.macOf(node) ?? '',
    priority: node.vrrp_priority,
    forwards,
    ...(lab.checkWaitsMs && { checkWaitsMs: lab.checkWaitsMs(node) }),
  };
}
