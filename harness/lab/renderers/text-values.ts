import type { Amphora } from '../../../src/domain/amphora.ts';
import type { Pool } from '../../../src/domain/load-balancer.ts';
import type { VirtualAddress } from '../../../src/domain/vip.ts';
import type { HaproxyRequest } from '../../../src/driver/renderers.ts';
import type { KeepalivedInput } from '../../../src/templates/keepalived.ts';
import { PATHS } from '../../../src/templates/paths.ts';
import { peerName } from '../../../src/templates/peer-name.ts';
import type { TextName } from '../../system/system.ts';

/** What a text may ask for, in the words of docs/systems.md. */
export type Values = Readonly<Record<string, unknown>>;
/** An amphora's name in its lab, such as `amphora-1`. */
export type NameOf = (amphora: Amphora) => string;

/** What each text is filled from. */
export interface TextInputs extends Record<TextName, unknown> {
  'keepalived.conf': KeepalivedInput;
  'haproxy.cfg': HaproxyRequest;
}

/** Octavia has one VRRP instance on an interface (the vrrp_id of its amphora table). */
const VRRP_ID = 1;

/** The values of each text. */
export const VALUES: { readonly [N in TextName]: (input: TextInputs[N], nameOf: NameOf) => Values } = {
  'keepalived.conf': ({ amphora, amphorae, vip, additionalVips = [], group, settings }, nameOf) => {
    const { keepalived_vrrp: options } = settings;
    return {
      ...pairValues(amphora, amphorae, nameOf),
      vip: vip.ip_address,
      vip_cidr: vip.subnet_cidr,
      gateway: vip.gateway_ip ?? '',
      additional_vips: additionalVips.map(addressValues),
      interface: amphora.vrrp_interface,
      vrrp_group: group.vrrp_group_name,
      vrrp_id: VRRP_ID,
      vrrp_version: options.vrrp_version,
      advert_int: group.advert_int,
      auth_pass: group.vrrp_auth_pass,
      check_script: PATHS.vrrp.checkScript,
      check_interval: options.vrrp_check_interval,
      fail_count: options.vrrp_fail_count,
      success_count: options.vrrp_success_count,
      garp_refresh_interval: options.vrrp_garp_refresh_interval,
      garp_refresh_count: options.vrrp_garp_refresh_count,
    };
  },
  'haproxy.cfg': ({ amphora, amphorae, process, loadBalancer, vipAddress, settings }, nameOf) => {
    const files = PATHS.haproxy(process.id);
    const listeners = process.listeners.map((listener) => {
      const pool = loadBalancer.pools.find(({ id }) => id === listener.default_pool_id);
      const { id, name, protocol, protocol_port: port } = listener;
      return { id, name, protocol, port, members: membersOf(pool) };
    });
    return {
      ...pairValues(amphora, amphorae, nameOf),
      load_balancer: loadBalancer.id,
      vip: vipAddress,
      additional_vips: loadBalancer.additional_vips.map(({ ip_address }) => ({ address: ip_address })),
      port: listeners[0]?.port ?? '',
      members: listeners[0]?.members ?? [],
      listeners,
      maxconn: settings.haproxy_maxconn,
      stats_socket: files.socket,
      state_file: files.stateFile,
      peers_port: process.peersPort,
    };
  },
};

function pairValues(amphora: Amphora, amphorae: readonly Amphora[], nameOf: NameOf): Values {
  const values = (one: Amphora) => ({
    name: nameOf(one),
    id: one.id,
    role: one.role,
    vrrp_ip: one.vrrp_ip,
    priority: one.vrrp_priority,
    peer_name: peerName(one.id),
  });
  const peers = amphorae.filter(({ id }) => id !== amphora.id).map(values);
  const nobody = { name: '', id: '', role: '', vrrp_ip: '', priority: '', peer_name: '' };
  return {
    amphora: values(amphora),
    amphorae: amphorae.map(values),
    // While an amphora is replaced there may be none.
    peer: peers[0] ?? nobody,
    peers,
  };
}

function addressValues({ ip_address, subnet_cidr, gateway_ip }: VirtualAddress): Values {
  return { address: ip_address, cidr: subnet_cidr, gateway: gateway_ip ?? '' };
}

function membersOf(pool: Pool | undefined): readonly Values[] {
  return (pool?.members ?? []).map(({ id, name, address, protocol_port, weight, backup }) => ({
    ...{ id, name, address, port: protocol_port, weight, backup },
  }));
}
