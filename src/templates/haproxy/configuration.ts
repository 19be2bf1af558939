import type { Listener, LoadBalancer } from '../../domain/load-balancer.ts';
import { servedByHaproxy } from '../../domain/protocol.ts';
import { PATHS } from '../paths.ts';
import { peerName } from '../peer-name.ts';
import { backend } from './backend.ts';
import {
  backendName,
  type Context,
  connectionLimit,
  EXPORTER,
  type HaproxyInput,
  MAX_CONNECTIONS,
  poolsOf,
  section,
} from './context.ts';
import { frontend } from './frontend.ts';

/** The port on which an amphora's HAProxy talks to its peer; the first, where each listener has its own. */
export const PEERS_PORT = 1025;

/** The peers' port of each HAProxy of a load balancer: where listeners have a process each, each has a port. */
export function peersPorts({ listeners }: LoadBalancer, split: boolean): readonly number[] {
  return split ? listeners.filter(servedByHaproxy).map((_, n) => PEERS_PORT + n) : [PEERS_PORT];
}

/**
 * haproxy.cfg as Octavia renders it (octavia/common/jinja/haproxy/combined_listeners/templates), for
 * HAProxy 2.2 and later. Listeners that keepalived serves (UDP, SCTP) are left out.
 */
export function renderHaproxy(input: HaproxyInput): string {
  const { loadBalancer, settings, peersPort = PEERS_PORT } = input;
  const enabled = input.listeners.filter((entry) => entry.admin_state_up && servedByHaproxy(entry));
  const listeners = loadBalancer.admin_state_up ? enabled : [];
  const peers =
    loadBalancer.topology === 'ACTIVE_STANDBY' ? `${input.id.replaceAll('-', '')}_peers` : undefined;
  const context = { ...input, peers };
  const sections = [
    globalSection(context, enabled),
    section('defaults', [
      'log global',
      'retries 3',
      'option redispatch',
      ...(settings.profile === 'current'
        ? ['option splice-request', 'option splice-response', 'option http-keep-alive']
        : []),
    ]),
    ...(peers
      ? [
          section(
            `peers ${peers}`,
            input.amphorae.map(({ id, vrrp_ip }) => `peer ${peerName(id)} ${vrrp_ip}:${peersPort}`),
          ),
        ]
      : []),
    ...(input.listeners.some(({ protocol }) => protocol === 'PROMETHEUS') ? exporter() : []),
    ...proxies(context, listeners),
  ];
  return `# Configuration for loadbalancer ${loadBalancer.id}\n${sections.join('\n')}`;
}

/**
 * Each listener, followed by the backends that it is the first to reach. Rocky names a backend after its pool alone:
 * where one process serves several listeners of a pool, the first one's timeouts and headers hold for all.
 */
function proxies(context: Context, listeners: readonly Listener[]): string[] {
  const written = new Set<string>();
  return listeners.flatMap((listener) => {
    const pools = poolsOf(context.loadBalancer, listener).filter(
      (pool) => !written.has(backendName(context, listener, pool)),
    );
    for (const pool of pools) written.add(backendName(context, listener, pool));
    return [frontend(context, listener), ...pools.map((pool) => backend(context, listener, pool))];
  });
}

function globalSection({ id, loadBalancer, settings }: Context, listeners: readonly Listener[]): string {
  const files = PATHS.haproxy(id);
  const sum = listeners.reduce((total, listener) => total + connectionLimit(listener, settings), 0);
  const wanted = sum > 0 && sum < MAX_CONNECTIONS ? sum : MAX_CONNECTIONS;
  const pings = listeners
    .flatMap((listener) => poolsOf(loadBalancer, listener))
    .some((pool) => pool.healthmonitor?.admin_state_up && pool.healthmonitor.type === 'PING');
  return section('global', [
    'daemon',
    'user nobody',
    'log /dev/log local0',
    'log /dev/log local1 notice',
    `stats socket ${files.socket} mode 0666 level user`,
    ...(settings.profile === 'current' ? [`server-state-file ${files.stateFile}`] : []),
    `maxconn ${Math.min(wanted, settings.haproxy_maxconn)}`,
    ...(pings ? ['external-check', 'insecure-fork-wanted'] : []),
  ]);
}

/**
 * HAProxy's own exporter, for PROMETHEUS listeners. Upstream's backend asks a proxy at 9102 in between, which only an
 * image of upstream's has: it gives the metrics other names.
 */
function exporter(): string[] {
  return [
    section('frontend prometheus-exporter-internal-endpoint', [
      'bind 127.0.0.1:9101',
      'mode http',
      'no log',
      'http-request use-service prometheus-exporter if { path /metrics }',
      'http-request reject',
      'timeout http-request 5s',
      'timeout client 5s',
    ]),
    section(`backend ${EXPORTER}`, [
      'mode http',
      'no log',
      'balance first',
      'timeout connect 5s',
      'timeout server 5s',
      'server prometheus-internal 127.0.0.1:9101',
    ]),
  ];
}
