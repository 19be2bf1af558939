import type { HealthMonitor, Listener, LoadBalancer, Member, Pool } from '../domain/load-balancer.ts';
import { transportOf } from '../domain/protocol.ts';
import { ipVersion, prefixLengthOf } from '../domain/schema/address.ts';
import { expectedCodes } from './expected-codes.ts';
import { AMPHORA_NETNS, PATHS } from './paths.ts';
import { keepalivedPath } from './quoting.ts';

const ALGORITHM = { ROUND_ROBIN: 'wrr', LEAST_CONNECTIONS: 'lc', SOURCE_IP: 'sh' } as const;
/** Seconds for which a client stays with its member, where the pool does not say. */
const PERSISTENCE_S = 360;

export interface LvsInput {
  readonly loadBalancer: LoadBalancer;
  readonly listener: Listener;
  readonly vipAddress: string;
}

/**
 * The keepalived configuration of a UDP or SCTP listener, which the kernel's IPVS serves
 * (octavia/common/jinja/lvs/templates): a group of the VIPs of each IP version.
 */
export function renderLvs(input: LvsInput): string {
  const { loadBalancer, listener } = input;
  const vips = [input.vipAddress, ...loadBalancer.additional_vips.map((vip) => vip.ip_address)];
  const pool = loadBalancer.pools.find((entry) => entry.id === listener.default_pool_id);
  const served = loadBalancer.admin_state_up && listener.admin_state_up && pool ? [4, 6] : [];
  return [
    `# Configuration for Loadbalancer ${loadBalancer.id}`,
    listener.admin_state_up
      ? `# Configuration for Listener ${listener.id}`
      : `# Listener ${listener.id} is disabled`,
    '',
    `net_namespace ${AMPHORA_NETNS}`,
    '',
    ...served.flatMap((version) => {
      const addresses = vips.filter((vip) => ipVersion(vip) === version);
      return pool && addresses.length > 0 ? virtualServer(listener, pool, addresses) : [];
    }),
  ].join('\n');
}

function virtualServer(listener: Listener, pool: Pool, addresses: readonly string[]): string[] {
  const version = ipVersion(addresses[0] ?? '');
  const members = pool.admin_state_up
    ? pool.members.filter((member) => ipVersion(member.address) === version)
    : [];
  return [
    ...block(
      `virtual_server_group ipv${version}-group`,
      addresses.map((vip) => `${vip} ${listener.protocol_port}`),
    ),
    '',
    ...block(`virtual_server group ipv${version}-group`, [
      `lb_algo ${ALGORITHM[pool.lb_algorithm]}`,
      'lb_kind NAT',
      `protocol ${transportOf(listener.protocol).toUpperCase()}`,
      ...persistence(pool, version),
      ...checkTiming(pool),
      '',
      `# ${pool.admin_state_up ? 'Configuration for Pool' : 'Pool'} ${pool.id}${pool.admin_state_up ? '' : ' is disabled'}`,
      ...(monitorOf(pool) ? [`# Configuration for HealthMonitor ${monitorOf(pool)?.id}`] : []),
      ...members.flatMap((member) => realServer(listener, pool, member)),
    ]),
    '',
  ];
}

function persistence({ session_persistence: wanted }: Pool, version: 4 | 6): string[] {
  if (wanted?.type !== 'SOURCE_IP') return [];
  const { persistence_timeout = PERSISTENCE_S, persistence_granularity: granularity } = wanted;
  // keepalived wants a prefix length for IPv6, which the API has no way to say (keepalived.conf(5)).
  const client =
    version === 4 ? (granularity ?? '255.255.255.255') : granularity ? prefixLengthOf(granularity) : 128;
  return [`persistence_timeout ${persistence_timeout}`, `persistence_granularity ${client}`];
}

function monitorOf({ healthmonitor }: Pool): HealthMonitor | undefined {
  return healthmonitor?.admin_state_up ? healthmonitor : undefined;
}

function checkTiming(pool: Pool): string[] {
  const monitor = monitorOf(pool);
  if (!monitor) return [];
  const { delay, max_retries_down } = monitor;
  return [`delay_loop ${delay}`, `delay_before_retry ${delay}`, `retry ${max_retries_down}`];
}

function realServer(listener: Listener, pool: Pool, member: Member): string[] {
  if (!member.admin_state_up) return [`# Member ${member.id} is disabled`];
  const monitor = monitorOf(pool);
  return [
    `# Configuration for Member ${member.id}`,
    ...block(`real_server ${member.address} ${member.protocol_port}`, [
      `weight ${member.weight}`,
      ...(listener.connection_limit > 0 ? [`uthreshold ${listener.connection_limit}`] : []),
      ...(monitor ? check(monitor, member) : []),
    ]),
  ];
}

function check(monitor: HealthMonitor, member: Member): string[] {
  const address = member.monitor_address ?? member.address;
  const port = member.monitor_port ?? member.protocol_port;
  const connection = [`connect_ip ${address}`, `connect_port ${port}`, `connect_timeout ${monitor.timeout}`];
  switch (monitor.type) {
    case 'UDP-CONNECT':
      return block('MISC_CHECK', [
        `misc_path "${PATHS.lvs.udpCheckScript} ${address} ${port}"`,
        `misc_timeout ${monitor.timeout}`,
      ]);
    case 'SCTP':
      return block('MISC_CHECK', [
        `misc_path "amphora-health-checker sctp -t ${monitor.timeout} ${address} ${port}"`,
        // The checker is to end before it is ended.
        `misc_timeout ${monitor.timeout + 1}`,
      ]);
    case 'HTTP':
      // keepalived asks by GET alone; upstream writes no check for other methods.
      return monitor.http_method === 'GET'
        ? block('HTTP_GET', [
            ...expectedCodes(monitor.expected_codes)
              .sort()
              .flatMap((code) =>
                block('url', [`path ${keepalivedPath(monitor.url_path)}`, `status_code ${code}`]),
              ),
            ...connection,
          ])
        : [];
    case 'TCP':
      return block('TCP_CHECK', connection);
    default:
      return [];
  }
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map((line) => (line ? `    ${line}` : '')), '}'];
}
