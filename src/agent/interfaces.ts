import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import pRetry from 'p-retry';
import { canonical } from '../domain/schema/address.ts';
import { AMPHORA_NETNS, PATHS } from '../templates/paths.ts';
import { NETNS_SYSCTLS } from '../templates/units.ts';
import { isAddress, isIpv6 } from './addresses.ts';
import { announcement } from './announcement.ts';
import { type Answer, answer, frameworkError, Refused } from './answer.ts';
import { command } from './command.ts';
import { replaceFile } from './files.ts';
import {
  addressesOf,
  describeNetwork,
  describeVip,
  networkRequest,
  type PluggedInterface,
  type Topology,
  vipRequest,
  vipsOf,
} from './plugged-interface.ts';
import { installNetnsUnit } from './systemd.ts';
import { inTurn } from './turn.ts';

const VIP_INTERFACE = 'eth1';
const NAMESPACE = `/run/netns/${AMPHORA_NETNS}`;

/** How long a boot waits for the earlier NICs. */
const NIC_LIMIT_MS = 20_000;
const NIC_LOOK_MS = 50;

/** Plugging changes numbers and files: one request at a time. */
const PLUGGING = 'interfaces';

/** Moves the NIC of the VIP's network into the namespace as eth1 (octavia/…/agent/api_server/plug.py, plug_vip). */
export function plugVip(vip: string, body: unknown, topology: Topology): Promise<Answer> {
  return inTurn(PLUGGING, async () => {
    const parsed = vipRequest.safeParse(body);
    if (!parsed.success) return frameworkError(400, 'Invalid subnet information');
    const description = describeVip(VIP_INTERFACE, vip, parsed.data, topology);
    const inside = await links(true);
    if (inside.some((link) => sameMac(link.address, description.mac_address))) {
      return answer(409, 'Interface already exists');
    }
    await plug(description, inside);
    const vips = vipsOf(vip, parsed.data).join(', ');
    return answer(202, 'OK', `VIPs plugged on interface ${VIP_INTERFACE}: ${vips}`);
  });
}

/** Moves the NIC of a member network into the namespace as eth2 and on. */
export function plugNetwork(body: unknown): Promise<Answer> {
  return inTurn(PLUGGING, async () => {
    const parsed = networkRequest.safeParse(body);
    if (!parsed.success) return frameworkError(400, 'Invalid port information');
    // Its addresses are checked before the NIC.
    describeNetwork('', parsed.data);
    const inside = await links(true);
    const present = inside.find((link) => sameMac(link.address, parsed.data.mac_address));
    if (present) {
      await update(describeNetwork(present.ifname, parsed.data));
      await announce(addressesOf(parsed.data));
      return answer(202, 'OK', `Updated existing interface ${present.ifname}`);
    }
    const taken = new Set(inside.map((link) => link.ifname));
    let number = 2;
    while (taken.has(`eth${number}`)) number++;
    await plug(describeNetwork(`eth${number}`, parsed.data), inside);
    await announce(addressesOf(parsed.data));
    return answer(202, 'OK', `Plugged on interface eth${number}`);
  });
}

/** The interface in the namespace that holds an address. */
export async function interfaceOf(ip: string): Promise<Answer> {
  if (!isAddress(ip)) return answer(400, 'Invalid IP address');
  const found = await holderOf(ip);
  if (!found) return answer(404, 'Error interface not found for IP address');
  return { status: 200, body: { message: 'OK', interface: found.ifname } };
}

/** The interface in the namespace that holds an address, however it is written. */
export async function holderOf(ip: string): Promise<Link | undefined> {
  const wanted = canonical(ip);
  return (await links(true)).find((link) =>
    link.addr_info.some(({ local }) => local !== undefined && canonical(local) === wanted),
  );
}

/**
 * Plugs again what was plugged before a reboot. NICs may appear after the boot began, as hot-plugged ones
 * do; one that does not within {@link NIC_LIMIT_MS} is skipped and reported.
 */
export async function restoreInterfaces(): Promise<void> {
  if (!existsSync(PATHS.interfaces)) return;
  const files = (await readdir(PATHS.interfaces)).filter((file) => file.endsWith('.json')).sort();
  const recorded = await Promise.all(
    files.map(
      async (file) => JSON.parse(await readFile(`${PATHS.interfaces}/${file}`, 'utf8')) as PluggedInterface,
    ),
  );
  const missing = new Set(recorded);
  const restore = async () => {
    const [inside, outside] = await Promise.all([links(true), links(false)]);
    for (const plugged of missing) {
      const present = (link: Link) => sameMac(link.address, plugged.mac_address);
      const nic = outside.find(present);
      if (!nic && !inside.some(present)) continue;
      if (nic) await moveIn(nic.ifname, plugged.name);
      await configure(plugged);
      missing.delete(plugged);
    }
    if (missing.size > 0) throw new Error('not all interfaces have come back');
  };
  // `ip monitor` does not report when it begins to listen: looking again is safer.
  await pRetry(restore, { retries: NIC_LIMIT_MS / NIC_LOOK_MS, minTimeout: NIC_LOOK_MS, factor: 1 }).catch(
    (error: unknown) => process.stderr.write(`${(error as Error).message}\n`),
  );
  for (const { name, mac_address } of missing) {
    process.stderr.write(`${name}: no interface with MAC ${mac_address} has come back\n`);
  }
}

/**
 * Announces the MAC of addresses to the neighbours; addresses that are not here belong to another amphora
 * (octavia/…/agent/api_server/util.py, send_vip_advertisements and send_member_advertisements).
 */
export async function announce(addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    try {
      const holder = await holderOf(address);
      if (!holder) continue;
      const frame = announcement(address, holder.address);
      const to = ['socat', '-u', '-', `INTERFACE:${holder.ifname}`];
      await command('ip', ['netns', 'exec', AMPHORA_NETNS, ...to], frame);
    } catch (error) {
      // Neighbours find out by themselves, only later.
      process.stderr.write(`${address} was not announced: ${(error as Error).message}\n`);
    }
  }
}

/** @param inside what is in the namespace by now */
async function plug(description: PluggedInterface, inside: readonly Link[]): Promise<void> {
  const nic = (await links(false)).find((link) => sameMac(link.address, description.mac_address));
  if (!nic) throw new Refused(404, { details: 'No suitable network interface found' });
  if (inside.some((link) => link.ifname === description.name)) {
    throw new Refused(409, { message: 'Interface already exists' });
  }
  await installNetnsUnit();
  await moveIn(nic.ifname, description.name);
  await command('nsenter', [`--net=${NAMESPACE}`, 'sysctl', '-q', '-w', ...NETNS_SYSCTLS]);
  await configure(description);
  await record(description);
}

/** Gives an interface of a member network other addresses; the VIP's interface keeps what it has. */
async function update(description: PluggedInterface): Promise<void> {
  const before = await recorded(description.name);
  const kept = description.name === VIP_INTERFACE ? (before?.addresses ?? []) : [];
  const merged = {
    ...before,
    ...description,
    addresses: [...new Set([...kept, ...description.addresses])],
    routes: [...new Set([...(kept.length > 0 ? (before?.routes ?? []) : []), ...description.routes])],
    rules: before?.rules ?? [],
  };
  const gone = (before?.addresses ?? []).filter((address) => !merged.addresses.includes(address));
  for (const address of gone) {
    await command('ip', ['-n', AMPHORA_NETNS, 'address', 'del', address, 'dev', description.name]).catch(
      () => '',
    );
  }
  await configure(merged);
  await record(merged);
}

async function record(description: PluggedInterface): Promise<void> {
  await mkdir(PATHS.interfaces, { recursive: true });
  await replaceFile(`${PATHS.interfaces}/${description.name}.json`, JSON.stringify(description));
  await writeFile(PATHS.pluggedSinceBoot, '');
}

async function recorded(name: string): Promise<PluggedInterface | undefined> {
  const file = `${PATHS.interfaces}/${name}.json`;
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as PluggedInterface) : undefined;
}

/** Makes the namespace, if it is not there, and moves an interface into it. */
async function moveIn(nic: string, name: string): Promise<void> {
  const lines = [
    ...(existsSync(NAMESPACE) ? [] : [`netns add ${AMPHORA_NETNS}`]),
    `link set dev ${nic} down`,
    `link set dev ${nic} netns ${AMPHORA_NETNS} name ${name}`,
  ];
  await command('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
}

async function configure(plugged: PluggedInterface): Promise<void> {
  const { name } = plugged;
  // nodad: a tentative IPv6 address would hold up everything that binds to it.
  const lines = [
    ...(plugged.mtu ? [`link set dev ${name} mtu ${plugged.mtu}`] : []),
    ...plugged.addresses.map(
      (address) => `address replace ${address} dev ${name}${isIpv6(address) ? ' nodad' : ''}`,
    ),
    'link set dev lo up',
    `link set dev ${name} up`,
    ...plugged.routes.map((route) => `route replace ${route}`),
  ];
  await command('ip', ['-n', AMPHORA_NETNS, '-batch', '-'], `${lines.join('\n')}\n`);
  for (const rule of plugged.rules) {
    const family = isIpv6(rule) ? '-6' : '-4';
    await command('ip', ['-n', AMPHORA_NETNS, family, 'rule', 'add', ...rule.split(' ')]).catch(() => '');
  }
}

export interface Link {
  readonly ifname: string;
  readonly address: string;
  readonly addr_info: readonly { readonly local?: string }[];
}

async function links(inNamespace: boolean): Promise<Link[]> {
  if (inNamespace && !existsSync(NAMESPACE)) return [];
  const where = inNamespace ? ['-n', AMPHORA_NETNS] : [];
  return JSON.parse(await command('ip', [...where, '-j', 'address', 'show'])) as Link[];
}

function sameMac(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
