import ipaddr from 'ipaddr.js';

/** A UDP or SCTP listener as its keepalived.conf has it. */
export interface LvsListener {
  readonly protocol: string;
  /** `address:port`, IPv6 in brackets, as ipvsadm writes it. */
  readonly vips: readonly string[];
  readonly disabled: boolean;
  /** Absent where it has no pool, or a disabled one. */
  readonly poolId: string | undefined;
  /** A disabled member has no address there. */
  readonly members: readonly { readonly id: string; readonly server: string | undefined }[];
  /** Whether keepalived checks the members. */
  readonly monitored: boolean;
}

/**
 * Reads what a controller wrote: comments name the objects, as heartbeats need them
 * (octavia/amphorae/backends/utils/keepalivedlvs_query.py, get_lvs_listener_resource_ipports_nsname).
 */
export function readLvsConfiguration(text: string): LvsListener {
  const groups = [...text.matchAll(/^virtual_server_group \S+ \{\n([^}]*)\}/gm)];
  const members = [
    ...text.matchAll(/# Configuration for Member (\S+)\n\s*real_server (\S+) (\d+)/g),
    ...text.matchAll(/# Member (\S+) is disabled/g),
  ].map(([, id = '', address, port]) => ({
    id,
    server: address === undefined ? undefined : endpoint(address, port),
  }));
  return {
    protocol: /^\s*protocol (\w+)/m.exec(text)?.[1] ?? 'UDP',
    vips: groups.flatMap(([, lines = '']) =>
      [...lines.matchAll(/(\S+) (\d+)/g)].map(([, address = '', port]) => endpoint(address, port)),
    ),
    disabled: /^# Listener \S+ is disabled/m.test(text),
    poolId: /# Configuration for Pool (\S+)/.exec(text)?.[1],
    members,
    monitored: /\b(MISC_CHECK|HTTP_GET|TCP_CHECK)\b/.test(text),
  };
}

/** An address and a port in one form, however the address was written. */
export function endpoint(address: string, port: string | undefined): string {
  const parsed = ipaddr.parse(address);
  return parsed.kind() === 'ipv6' ? `[${parsed.toString()}]:${port}` : `${parsed.toString()}:${port}`;
}
