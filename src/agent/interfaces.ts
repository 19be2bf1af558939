import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import pRetry from 'p-retry';
import { z } from 'zod';
import { AMPHORA_NETNS, PATHS } from '../templates/paths.ts';
import { NETNS_SYSCTLS, netnsUnit } from '../templates/units.ts';
import { type Answer, answer, frameworkError, Refused } from './answer.ts';
import { command } from './command.ts';

const hostRoutes = z.array(z.object({ destination: z.string(), nexthop: z.string() })).default([]);
const vipRequest = z.object({
  subnet_cidr: z.string(),
  gateway: z.string(),
  mac_address: z.string(),
  mtu: z.int().nullish(),
  vrrp_ip: z.string().nullish(),
  host_routes: hostRoutes,
});
const networkRequest = z.object({
  mac_address: z.string(),
  mtu: z.int().nullish(),
  fixed_ips: z
    .array(
      z.object({
        ip_address: z.string(),
        subnet_cidr: z.string(),
        gateway: z.string().nullish(),
        host_routes: hostRoutes,
      }),
    )
    .nullish(),
});

/** A plugged interface as it is kept over reboots: all that brings it back. */
interface PluggedInterface {
  readonly name: string;
  readonly mac_address: string;
  readonly mtu?: number;
  /** With prefix length. */
  readonly addresses: readonly string[];
  /** Arguments of `ip route replace`. */
  readonly routes: readonly string[];
  /** Arguments of `ip rule add`. */
  readonly rules: readonly string[];
}

/** How long a boot waits for the NICs that were there before. */
const NIC_LIMIT_MS = 20_000;
const NIC_LOOK_MS = 50;

/** Plugging changes numbers and files: one request at a time. */
let turn: Promise<unknown> = Promise.resolve();
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = turn.then(work);
  turn = done.catch(() => {});
  return done;
}

/** Moves the NIC of the VIP's network into the namespace as eth1 (octavia/…/agent/api_server/plug.py, plug_vip). */
export function plugVip(vip: string, body: unknown): Promise<Answer> {
  return inTurn(async () => {
    const parsed = vipRequest.safeParse(body);
    if (!parsed.success) return frameworkError(400, 'Invalid subnet information');
    const request = parsed.data;
    requireHost(vip, 'Invalid VIP');
    if (request.vrrp_ip) requireHost(request.vrrp_ip, 'Invalid VRRP Address');
    const prefix = prefixLength(request.subnet_cidr);
    if (prefix === undefined) return frameworkError(400, 'Invalid subnet information');
    await makeNamespace();
    if ((await links(true)).some((link) => sameMac(link.address, request.mac_address))) {
      return answer(409, 'Interface already exists');
    }
    const name = await plug(request.mac_address, (free) => ({
      name: free,
      mac_address: request.mac_address,
      ...(request.mtu ? { mtu: request.mtu } : {}),
      addresses: [`${request.vrrp_ip ?? vip}/${prefix}`],
      routes: [
        `default via ${request.gateway} dev ${free} onlink`,
        ...request.host_routes.map((route) => `${route.destination} via ${route.nexthop} dev ${free} onlink`),
        // In a pair, keepalived brings the VIP's own table together with the VIP.
        ...(request.vrrp_ip
          ? []
          : [
              `${request.subnet_cidr} dev ${free} src ${vip} scope link table 1`,
              `default via ${request.gateway} dev ${free} onlink table 1`,
            ]),
      ],
      rules: request.vrrp_ip ? [] : [`from ${vip}/${isIPv6(vip) ? 128 : 32} table 1 priority 100`],
    }));
    return answer(202, 'OK', `VIPs plugged on interface ${name}: ${vip}`);
  });
}

/** Moves the NIC of a member network into the namespace as eth2 and on. */
export function plugNetwork(body: unknown): Promise<Answer> {
  return inTurn(async () => {
    const parsed = networkRequest.safeParse(body);
    if (!parsed.success) return frameworkError(400, 'Invalid port information');
    const { mac_address, mtu, fixed_ips } = parsed.data;
    const fixed = (fixed_ips ?? []).map((ip) => ({ ...ip, prefix: prefixLength(ip.subnet_cidr) }));
    if (fixed.some((ip) => isIP(ip.ip_address) === 0 || ip.prefix === undefined)) {
      return answer(400, 'Invalid network port');
    }
    const describe = (name: string): PluggedInterface => ({
      name,
      mac_address,
      ...(mtu ? { mtu } : {}),
      addresses: fixed.map((ip) => `${ip.ip_address}/${ip.prefix}`),
      routes: fixed.flatMap((ip) =>
        ip.host_routes.map((route) => `${route.destination} via ${route.nexthop} dev ${name} onlink`),
      ),
      rules: [],
    });
    await makeNamespace();
    const present = (await links(true)).find((link) => sameMac(link.address, mac_address));
    if (present) {
      await configure(describe(present.ifname));
      return answer(202, 'OK', `Updated existing interface ${present.ifname}`);
    }
    return answer(202, 'OK', `Plugged on interface ${await plug(mac_address, describe)}`);
  });
}

/** The interface in the namespace that holds an address. */
export async function interfaceOf(ip: string): Promise<Answer> {
  if (isIP(ip) === 0) return answer(400, 'Invalid IP address');
  const found = (await links(true)).find((link) => link.addr_info.some((entry) => entry.local === ip));
  if (!found) return answer(404, 'Error interface not found for IP address');
  return { status: 200, body: { message: 'OK', interface: found.ifname } };
}

/** Installs amphora-netns.service, which keepalived's and HAProxy's units require. */
export async function installNetnsUnit(): Promise<void> {
  if (existsSync(PATHS.netnsUnit)) return;
  await writeFile(PATHS.netnsUnit, netnsUnit());
  // Enabling keepalived or HAProxy, which need it, has systemd read it; twice would cost a tenth of a second.
  await command('systemctl', ['--no-reload', 'enable', 'amphora-netns.service']);
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
  // Nothing tells when `ip monitor` has begun to listen: looking again is surer.
  await pRetry(restore, { retries: NIC_LIMIT_MS / NIC_LOOK_MS, minTimeout: NIC_LOOK_MS, factor: 1 }).catch(
    (error: unknown) => process.stderr.write(`${(error as Error).message}\n`),
  );
  for (const { name, mac_address } of missing) {
    process.stderr.write(`${name}: no interface with MAC ${mac_address} has come back\n`);
  }
}

async function plug(mac: string, describe: (name: string) => PluggedInterface): Promise<string> {
  const nic = (await links(false)).find((link) => sameMac(link.address, mac));
  if (!nic) throw new Refused(404, { details: 'No suitable network interface found' });
  await installNetnsUnit();
  const taken = new Set((await links(true)).map((link) => link.ifname));
  let number = 1;
  while (taken.has(`eth${number}`)) number++;
  const description = describe(`eth${number}`);
  await moveIn(nic.ifname, description.name);
  await configure(description);
  await mkdir(PATHS.interfaces, { recursive: true });
  await writeFile(`${PATHS.interfaces}/${description.name}.json`, JSON.stringify(description));
  await writeFile(PATHS.pluggedSinceBoot, '');
  return description.name;
}

async function makeNamespace(): Promise<void> {
  if (existsSync(`/run/netns/${AMPHORA_NETNS}`)) return;
  await command('ip', ['netns', 'add', AMPHORA_NETNS]);
  await command('ip', ['-n', AMPHORA_NETNS, 'link', 'set', 'lo', 'up']);
  await command('ip', ['netns', 'exec', AMPHORA_NETNS, 'sysctl', '-q', '-w', ...NETNS_SYSCTLS]);
}

async function moveIn(nic: string, name: string): Promise<void> {
  await command('ip', ['link', 'set', 'dev', nic, 'down']);
  await command('ip', ['link', 'set', 'dev', nic, 'netns', AMPHORA_NETNS, 'name', name]);
}

async function configure(plugged: PluggedInterface): Promise<void> {
  const { name } = plugged;
  // nodad: a tentative IPv6 address would hold up everything that binds to it.
  const lines = [
    ...(plugged.mtu ? [`link set dev ${name} mtu ${plugged.mtu}`] : []),
    ...plugged.addresses.map(
      (address) => `address replace ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`,
    ),
    `link set dev ${name} up`,
    ...plugged.routes.map((route) => `route replace ${route}`),
  ];
  await command('ip', ['-n', AMPHORA_NETNS, '-batch', '-'], `${lines.join('\n')}\n`);
  for (const rule of plugged.rules) {
    await command('ip', ['-n', AMPHORA_NETNS, 'rule', 'add', ...rule.split(' ')]).catch(() => '');
  }
}

interface Link {
  readonly ifname: string;
  readonly address: string;
  readonly addr_info: readonly { readonly local?: string }[];
}

async function links(inNamespace: boolean): Promise<Link[]> {
  if (inNamespace && !existsSync(`/run/netns/${AMPHORA_NETNS}`)) return [];
  const where = inNamespace ? ['-n', AMPHORA_NETNS] : [];
  return JSON.parse(await command('ip', [...where, '-j', 'address', 'show'])) as Link[];
}

function sameMac(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}

/** Upstream answers with the words of Python's ipaddress module. */
function requireHost(text: string, what: string): void {
  const [host = '', ...rest] = text.split('/');
  if (rest.length > 0 && isIP(host) !== 0)
    throw new Refused(400, { message: `${what}: ${text} has host bits set` });
  if (isIP(text) === 0) {
    throw new Refused(400, { message: `${what}: '${text}' does not appear to be an IPv4 or IPv6 address` });
  }
}

function prefixLength(cidr: string): number | undefined {
  const [host = '', length = ''] = cidr.split('/');
  const value = Number(length);
  const most = isIPv4(host) ? 32 : isIPv6(host) ? 128 : -1;
  return length !== '' && Number.isInteger(value) && value >= 0 && value <= most ? value : undefined;
}
