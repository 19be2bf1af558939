import { AGENT_PORT } from '../domain/amphora.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import type { HealthManagerSettings } from '../health/settings.ts';
import { PATHS } from '../templates/paths.ts';
import type { ControllerIdentity } from './certificate-authority.ts';
import type { BootFile } from './compute.ts';

/** What makes an amphora one of this controller's, and of this load balancer's kind. */
export interface BootRequest {
  readonly identity: ControllerIdentity;
  readonly amphoraId: string;
  readonly topology: LoadBalancer['topology'];
  /** Whom it sends heartbeats to; without, it sends none. */
  readonly healthManager?: HealthManagerSettings | undefined;
}

/**
 * What an amphora must have before its first boot: who it is, whom it trusts, and whom it reports to
 * (octavia/amphorae/backends/agent/templates/amphora_agent_conf.template).
 */
export async function bootFiles({
  identity,
  amphoraId,
  topology,
  healthManager,
}: BootRequest): Promise<readonly BootFile[]> {
  const { cert, key } = await identity.serverAuthority.issue(amphoraId, 'server');
  const configuration = [
    '[haproxy_amphora]',
    `base_path = ${PATHS.base}`,
    'bind_host = ::',
    `bind_port = ${AGENT_PORT}`,
    '[health_manager]',
    `controller_ip_port_list = ${healthManager?.controller_ip_port_list.join(', ') ?? ''}`,
    ...(healthManager
      ? [
          `heartbeat_interval = ${healthManager.heartbeat_interval}`,
          `heartbeat_key = ${healthManager.heartbeat_key}`,
        ]
      : []),
    '[amphora_agent]',
    `agent_server_ca = ${PATHS.clientCa}`,
    `agent_server_cert = ${PATHS.serverCertificate}`,
    `amphora_id = ${amphoraId}`,
    '[controller_worker]',
    `loadbalancer_topology = ${topology}`,
    '',
  ].join('\n');
  return [
    { path: PATHS.agentConfiguration, content: configuration, mode: 0o600 },
    { path: PATHS.serverCertificate, content: `${cert}${key}`, mode: 0o600 },
    { path: PATHS.clientCa, content: identity.clientAuthority.certificate, mode: 0o644 },
  ];
}
