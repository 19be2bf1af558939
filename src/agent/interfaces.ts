import { canonical } from '../domain/schema/address.ts';
import { AMPHORA_NETNS } from '../templates/paths.ts';
import { isAddress } from './addresses.ts';
import { announcement } from './announcement.ts';
import { type Answer, answer, frameworkError, Refused } from './answer.ts';
import { command } from './command.ts';
import { type Link, links, sameMac } from './links.ts';
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
import { plugAsRecorded, recorded } from './recorded-interfaces.ts';
import { installNetnsUnit } from './systemd.ts';
import { inTurn } from './turn.ts';

const VIP_INTERFACE = 'eth1';

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
  await plugAsRecorded(description);
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
  await plugAsRecorded(merged);
}
