import type { Amphora } from '../domain/amphora.ts';
import { ipVersion } from '../domain/schema/address.ts';
import type { Settings } from '../domain/settings.ts';
import { routingTables, type VirtualAddress } from '../domain/vip.ts';
import type { VrrpGroup } from '../domain/vrrp-group.ts';
import { PATHS } from './paths.ts';

/** An amphora, and those that it shares the VIPs with. */
export interface KeepalivedInput {
  readonly amphora: Amphora;
  readonly amphorae: readonly Amphora[];
  readonly vip: VirtualAddress;
  /** In Octavia's order: by address. */
  readonly additionalVips?: readonly VirtualAddress[];
  readonly group: VrrpGroup;
  readonly settings: Settings;
}

/**
 * The amphora's keepalived.conf, as Octavia renders it
 * (octavia/amphorae/drivers/keepalived/jinja/templates/keepalived_base.template).
 * The rocky profile writes the initial `state`, which makes keepalived ignore `nopreempt` on the master.
 */
export function renderKeepalived(input: KeepalivedInput): string {
  const { amphora, vip, additionalVips = [], group } = input;
  const vips = [vip, ...additionalVips];
  const { profile, keepalived_vrrp: options } = input.settings;
  const peers = input.amphorae
    .filter((other) => other.vrrp_ip !== amphora.vrrp_ip)
    .map((other) => other.vrrp_ip);
  const current = profile === 'current';
  const version = ipVersion(amphora.vrrp_ip);
  // An advertisement is of one IP version; the addresses of the other are not in it.
  const advertised = vips.filter((entry) => ipVersion(entry.ip_address) === version);
  const excluded = vips.filter((entry) => ipVersion(entry.ip_address) !== version);
  const lines = [
    'vrrp_script check_script {',
    `  script ${PATHS.vrrp.checkScript}`,
    `  interval ${options.vrrp_check_interval}`,
    `  fall ${options.vrrp_fail_count}`,
    `  rise ${options.vrrp_success_count}`,
    '}',
    '',
    `vrrp_instance ${group.vrrp_group_name} {`,
    ...(current ? [] : [`  state ${amphora.role}`]),
    `  interface ${amphora.vrrp_interface}`,
    ...(options.vrrp_version === 3 ? ['  version 3'] : []),
    '  virtual_router_id 1',
    `  priority ${amphora.vrrp_priority}`,
    '  nopreempt',
    ...(current ? ['  accept'] : []),
    `  garp_master_refresh ${options.vrrp_garp_refresh_interval}`,
    `  garp_master_refresh_repeat ${options.vrrp_garp_refresh_count}`,
    `  advert_int ${group.advert_int}`,
    ...(options.vrrp_version === 3 || version === 6 ? [] : authentication(group)),
    '',
    `  unicast_src_ip ${amphora.vrrp_ip}`,
    '  unicast_peer {',
    ...peers.map((ip) => `    ${ip}`),
    '  }',
    '',
    '  virtual_ipaddress {',
    ...advertised.map((entry) => `    ${entry.ip_address}`),
    '  }',
    ...(current || excluded.length > 0 ? excludedAddresses(excluded) : []),
    ...(current ? routing(vips, amphora.vrrp_interface) : []),
    '  track_script {',
    '    check_script',
    '  }',
    '}',
    '',
  ];
  // The seed's text is indented by two, today's by four.
  const indented = current ? lines.map((line) => line.replace(/^ +/, (blanks) => blanks.repeat(2))) : lines;
  return indented.join('\n');
}

/** Version 3 has none (RFC 5798, section 9), nor has VRRP over IPv6, and keepalived complains of it there. */
function authentication(group: VrrpGroup): string[] {
  return ['  authentication {', '    auth_type PASS', `    auth_pass ${group.vrrp_auth_pass}`, '  }'];
}

/**
 * Replies leave by their VIP's network: in tables that only packets from a VIP consult. Host routes are written with
 * `via`: keepalived 2.2.7 knows no `gateway`, which upstream writes, and leaves such a route out.
 */
function routing(vips: readonly VirtualAddress[], device: string): string[] {
  const tables = routingTables(vips);
  return [
    '  virtual_routes {',
    ...vips.flatMap((vip, n) => [
      `    ${vip.subnet_cidr} dev ${device} src ${vip.ip_address} scope link table ${tables[n]}`,
      ...(vip.gateway_ip
        ? [`    default via ${vip.gateway_ip} dev ${device} onlink table ${tables[n]}`]
        : []),
      ...vip.host_routes.map(
        ({ destination, nexthop }) =>
          `    ${destination} via ${nexthop} dev ${device} onlink table ${tables[n]}`,
      ),
    ]),
    '  }',
    '',
    '  virtual_rules {',
    ...vips.map(
      ({ ip_address }, n) =>
        `    from ${ip_address}/${ipVersion(ip_address) === 6 ? 128 : 32} table ${tables[n]} priority 100`,
    ),
    '  }',
    '',
  ];
}

function excludedAddresses(vips: readonly VirtualAddress[]): string[] {
  return ['', '  virtual_ipaddress_excluded {', ...vips.map((vip) => `    ${vip.ip_address}`), '  }', ''];
}
