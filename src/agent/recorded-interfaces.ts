import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { PATHS, PLUG_INTERFACES } from '../templates/paths.ts';
import { isIpv6 } from './addresses.ts';
import { command } from './command.ts';
import { replaceFile } from './files.ts';
import type { PluggedInterface } from './plugged-interface.ts';

/**
 * Plugs an interface, or gives one that is plugged what it is to have now, and records that for the boots to come.
 *
 * @throws CommandFailed when it cannot be had so; then the earlier record stays
 */
export async function plugAsRecorded(plugged: PluggedInterface): Promise<void> {
  const before = await recorded(plugged.name);
  await record(plugged);
  try {
    await command(PLUG_INTERFACES, [plugged.name]);
  } catch (error) {
    if (before) await record(before);
    else await Promise.all(Object.values(filesOf(plugged.name)).map((file) => rm(file)));
    throw error;
  }
  await writeFile(PATHS.pluggedSinceBoot, '');
}

/** What an interface was last given, or undefined where none has been plugged by that name. */
export async function recorded(name: string): Promise<PluggedInterface | undefined> {
  const file = filesOf(name).description;
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as PluggedInterface) : undefined;
}

async function record(plugged: PluggedInterface): Promise<void> {
  await mkdir(PATHS.interfaces, { recursive: true });
  const { description, batch, rules } = filesOf(plugged.name);
  await replaceFile(rules, rulesOf(plugged));
  await replaceFile(batch, batchOf(plugged));
  await replaceFile(description, JSON.stringify(plugged));
}

function filesOf(name: string) {
  const path = `${PATHS.interfaces}/${name}`;
  return { description: `${path}.json`, batch: `${path}.ip`, rules: `${path}.rules` };
}

/** All that brings an interface back but its rules, which `ip -batch` takes for one family at a time. */
export function batchOf({ name, mac_address, mtu, addresses, routes }: PluggedInterface): string {
  return lines([
    `# ${mac_address.toLowerCase()}`,
    ...(mtu ? [`link set dev ${name} mtu ${mtu}`] : []),
    // nodad: a tentative IPv6 address would hold up everything that binds to it.
    ...addresses.map((address) => `address replace ${address} dev ${name}${isIpv6(address) ? ' nodad' : ''}`),
    'link set dev lo up',
    `link set dev ${name} up`,
    ...routes.map((route) => `route replace ${route}`),
  ]);
}

export function rulesOf({ rules }: PluggedInterface): string {
  return lines(rules.map((rule) => `${isIpv6(rule) ? '-6' : '-4'} ${rule}`));
}

function lines(of: readonly string[]): string {
  return of.map((line) => `${line}\n`).join('');
}
