import { existsSync } from 'node:fs';
import { AMPHORA_NETNS } from '../templates/paths.ts';
import { command } from './command.ts';

export interface Link {
  readonly ifname: string;
  readonly address: string;
  readonly addr_info: readonly { readonly local?: string }[];
}

export async function links(inNamespace: boolean): Promise<Link[]> {
  if (inNamespace && !existsSync(`/run/netns/${AMPHORA_NETNS}`)) return [];
  const where = inNamespace ? ['-n', AMPHORA_NETNS] : [];
  return JSON.parse(await command('ip', [...where, '-j', 'address', 'show'])) as Link[];
}

export function sameMac(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
