import { members } from '../domain/deployment.ts';
import { HealthManager } from '../health/health-manager.ts';
import { operatingStatuses, reportsAll } from '../health/operating-status.ts';
import type { HealthManagerSettings } from '../health/settings.ts';
import type { Controller } from './controller.ts';

/** What a caretaker reports. */
export interface CareListener {
  /** An amphora has been silent for too long; its failover begins. */
  readonly onStale?: (amphoraId: string, silentMs: number) => void;
  readonly onFailedOver?: (amphoraId: string) => void;
  /** The failover failed, and was reverted; the amphora is watched on. */
  readonly onFailure?: (amphoraId: string, error: unknown) => void;
}

/**
 * Watches a controller's amphorae by their heartbeats: operating statuses are noted, and one that falls silent,
 * or does not report all that it was given to serve, is failed over by itself
 * (octavia/controller/healthmanager/health_manager.py). An amphora whose load balancer is being changed waits
 * until that has ended: it is immutable.
 */
export function careFor(
  controller: Controller,
  settings: Omit<HealthManagerSettings, 'controller_ip_port_list' | 'heartbeat_interval'>,
  { onStale, onFailedOver, onFailure }: CareListener = {},
): HealthManager {
  const health = new HealthManager({
    settings,
    watched: () => {
      const { deployments } = controller;
      const listeners = deployments.flatMap(({ loadBalancer }) => loadBalancer.listeners);
      health.statistics.keepOnly(new Set(listeners.map(({ id }) => id)));
      return deployments.flatMap(members).map(({ id, heard = false }) => ({ id, heard }));
    },
    onHeartbeat: (message) => {
      const deployment = controller.deployments.find(({ amphorae }) =>
        amphorae.some(({ id }) => id === message.id),
      );
      // It has just been deleted.
      if (!deployment) return false;
      // What no amphora could ever serve is not reported, and not missed.
      const watched = { ...deployment, loadBalancer: deployment.applied };
      controller.noteOperatingStatuses(deployment.loadBalancer.id, operatingStatuses(watched, message));
      const alive = reportsAll(watched, message);
      if (alive) controller.noteHeard(message.id);
      return alive;
    },
    mayReplace: (amphoraId) =>
      ['ACTIVE', 'ERROR'].includes(controller.holding(amphoraId).provisioning_status),
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
