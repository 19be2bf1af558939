import { isIP } from 'node:net';
import { canonical, prefixLengthOf } from '../../../src/domain/schema/address.ts';
import type { Overlay } from '../../pair/configuration/overlay.ts';

/** An address that a node's network configuration gives an interface. */
export interface ConfiguredAddress {
  readonly device: string;
  readonly address: string;
  readonly prefix?: number;
}

const INTERFACES = /^etc\/network\/interfaces(\.d\/.*)?$/;
const NETWORKD = /^etc\/systemd\/network\/.*\.network$/;
const NETPLAN = /^etc\/netplan\/.*\.ya?ml$/;

/**
 * The addresses in ifupdown's, systemd-networkd's and netplan's files of a node. Only addresses are read: the lab brings
 * the interfaces up by itself.
 */
export function configuredAddresses({ files }: Overlay): readonly ConfiguredAddress[] {
  return [...files].flatMap(([path, { text }]) => {
    const lines = text.split('\n').map((line) => line.replace(/#.*/, ''));
    if (INTERFACES.test(path)) return ofInterfaces(lines);
    if (NETWORKD.test(path)) return ofNetworkd(lines);
    return NETPLAN.test(path) ? ofNetplan(lines) : [];
  });
}

function ofInterfaces(lines: readonly string[]): readonly ConfiguredAddress[] {
  const found: ConfiguredAddress[] = [];
  let device = '';
  for (const line of lines) {
    const [keyword, value = ''] = line.trim().split(/\s+/);
    if (keyword === 'iface') device = value.replace(/:.*/, '');
    if (keyword === 'address') found.push(...given(device, value));
    const last = found.at(-1);
    if (keyword === 'netmask' && last && last.prefix === undefined) {
      const prefix = isIP(value) > 0 ? prefixLengthOf(value) : Number(value);
      if (Number.isInteger(prefix)) found.splice(-1, 1, { ...last, prefix });
    }
  }
  return found;
}

function ofNetworkd(lines: readonly string[]): readonly ConfiguredAddress[] {
  const valuesOf = (key: string) =>
    lines.flatMap((line) => new RegExp(`^\\s*${key}\\s*=\\s*(\\S+)`).exec(line)?.[1] ?? []);
  const [device] = valuesOf('Name');
  return device === undefined ? [] : valuesOf('Address').flatMap((address) => given(device, address));
}

/** The nearest key above an address that is not netplan's own names an interface. */
function ofNetplan(lines: readonly string[]): readonly ConfiguredAddress[] {
  const found: ConfiguredAddress[] = [];
  let device = '';
  for (const [n, line] of lines.entries()) {
    if (/^\s+addresses:/.test(line)) {
      const indent = line.search(/\S/);
      const above = lines.slice(0, n).findLast((each) => each.trim() !== '' && each.search(/\S/) < indent);
      device = above?.trim().replace(/:$/, '') ?? '';
    }
    for (const [, address = ''] of line.matchAll(/(?:^\s*-|[[,])\s*["']?([0-9a-fA-F.:]+\/\d+)/g))
      found.push(...given(device, address));
  }
  return found;
}

function given(device: string, written: string): readonly ConfiguredAddress[] {
  const [address = '', prefix] = written.split('/');
  if (isIP(address) === 0 || device === '' || device === 'lo') return [];
  return [{ device, address: canonical(address), ...(prefix !== undefined && { prefix: Number(prefix) }) }];
}
