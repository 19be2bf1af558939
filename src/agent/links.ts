import { existsSync } from 'node:fs';
import { AMPHORA_NETNS } from '../templates/paths.ts';
import { isIpv6 } from './addresses.ts';
import { command } from './command.ts';
import type { PluggedInterface } from './plugged-interface.ts';

export const NAMESPACE = `/run/netns/${AMPHORA_NETNS}`;

/** Makes the namespace, if it is not there, and moves an interface into it. */
export async function moveIn(nic: string, name: string): Promise<void> {
  const lines = [
    ...(existsSync(NAMESPACE) ? [] : [`netns add ${AMPHORA_NETNS}`]),
    `link set dev ${nic} down`,
    `link set dev ${nic} netns ${AMPHORA_NETNS} name ${name}`,
  ];
  await command('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
}

export async function configure(plugged: PluggedInterface): Promise<void> {
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

export async function links(inNamespace: boolean): Promise<Link[]> {
  if (inNamespace && !existsSync(NAMESPACE)) return [];
  const where = inNamespace ? ['-n', AMPHORA_NETNS] : [];
  return JSON.parse(await command('ip', [...where, '-j', 'address', 'show'])) as Link[];
}

export function sameMac(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
