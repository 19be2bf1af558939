import { HealthManager, type HealthManagerSettings } from '../health/health-manager.ts';
import type { Controller } from './controller.ts';
import { members } from './deployment.ts';

/** What a caretaker tells whoever started it. */
export interface CareListener {
  /** An amphora has been silent for too long; its failover begins. */
  readonly onStale?: (amphoraId: string, silentMs: number) => void;
  readonly onFailedOver?: (amphoraId: string) => void;
  /** The failover failed, and was reverted; the amphora is watched on. */
  readonly onFailure?: (amphoraId: string, error: unknown) => void;
}

/**
 * Watches a controller's amphorae by their heartbeats: operating statuses are noted, and one that falls silent is
 * failed over by itself (octavia/controller/healthmanager/health_manager.py). An amphora whose load balancer is
 * being changed is left alone: it is immutable, and its time begins anew afterwards.
 */
export function careFor(
  controller: Controller,
  settings: Omit<HealthManagerSettings, 'controller_ip_port_list' | 'heartbeat_interval'>,
  { onStale, onFailedOver, onFailure }: CareListener = {},
): HealthManager {
  const health = new HealthManager({
    settings,
    watched: () =>
      controller.deployments
        .filter(({ provisioning_status }) => ['ACTIVE', 'ERROR'].includes(provisioning_status))
        .flatMap(members)
        .map(({ id }) => id),
    onHeartbeat: (amphoraId) => {
      const { loadBalancer } = controller.holding(amphoraId);
      const found = health.statuses(amphoraId, loadBalancer);
      if (!found) return;
      const { loadbalancer, listeners, pools, members: membersOf } = found;
      controller.noteOperatingStatuses(loadBalancer.id, {
        [loadBalancer.id]: loadbalancer,
        ...listeners,
        ...pools,
        ...membersOf,
      });
    },
    onStale: async (amphoraId, silentMs) => {
      onStale?.(amphoraId, silentMs);
      try {
        await controller.failoverAmphora(amphoraId);
        onFailedOver?.(amphoraId);
      } catch (error) {
        onFailure?.(amphoraId, error);
      }
    },
  });
  return health;
}
