import type { Amphora } from '../domain/amphora.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import { transportOf } from '../domain/protocol.ts';
import { peersPorts } from '../templates/haproxy/configuration.ts';
import type { SecurityGroupRule } from './network.ts';

/** Each listener's port for its clients; between the amphorae their peers' port, VRRP and AH. */
export function securityRules(
  loadBalancer: LoadBalancer,
  amphorae: readonly Amphora[],
  split: boolean,
): SecurityGroupRule[] {
  const { listeners, topology, admin_state_up } = loadBalancer;
  const open = listeners
    .filter((listener) => admin_state_up && listener.admin_state_up)
    .map(
      (listener): SecurityGroupRule => ({
        protocol: transportOf(listener.protocol),
        port: listener.protocol_port,
        ...(listener.allowed_cidrs?.length ? { remote: listener.allowed_cidrs } : {}),
      }),
    );
  if (topology === 'SINGLE') return open;
  const remote = amphorae.map((amphora) => amphora.vrrp_ip);
  return [
    ...open,
    ...peersPorts(loadBalancer, split).map((port): SecurityGroupRule => ({ protocol: 'tcp', port, remote })),
    { protocol: 112, remote },
    { protocol: 51, remote },
  ];
}
