import type { AmphoraRole } from '../domain/amphora.ts';
import { type AmphoraRecord, type Deployment, members } from '../domain/deployment.ts';
import { buildAmphora, deleteAmphora, deleteLeftBehind } from './amphora.ts';
import { atAmphora, type Flow, type Task } from './flow.ts';
import type { Services } from './services.ts';
import {
  listenersUpdate,
  markActive,
  onRevert,
  putBack,
  updateVip,
  uploadVrrp,
  vrrpFlow,
  type Which,
} from './tasks.ts';

/**
 * Replaces one amphora by a new one of the same role: built first, then made known to the survivor, then the
 * failed one goes. An amphora that cannot be reached is passed over.
 */
export function failoverAmphora(
  services: Services,
  id: string,
  flowId: string,
  { amphoraId: failedId, role }: { readonly amphoraId: string; readonly role: AmphoraRole },
): Flow {
  const builtFor = `${flowId}/${role}`;
  const replacement: Which = ({ amphorae }) => amphorae.filter((amphora) => amphora.builtFor === builtFor);
  return {
    sequence: [
      revertFailover(services, id, [failedId]),
      pendingDelete(services, id, failedId),
      buildAmphora(services, id, { role, builtFor }),
      updateVip(services, id, { name: 'UpdateVIPSecurityGroup' }),
      connectivityStatus(services, id, replacement),
      listenersUpdate(services, id, { name: 'AmpListenersUpdate', which: reachable }),
      ...(role === 'STANDALONE' ? [] : vrrpFlow(services, id, { which: reachable })),
      listenersStart(services, id, { which: replacement }),
      deleteAmphora(services, id, failedId, builtFor),
      { name: 'DeleteExtraAmphorae', execute: () => deleteLeftBehind(services, id) },
      updateVip(services, id),
      markActive(services, id),
    ],
  };
}

/**
 * Replaces all amphorae, the backup first: the new backup serves before the old master goes, so that clients
 * are without service only for as long as the VIP takes to be learnt anew (upstream's get_failover_LB_flow).
 *
 * @param failedIds the amphorae to replace, the backup first
 */
export function failoverLoadBalancer(
  services: Services,
  id: string,
  flowId: string,
  failedIds: readonly string[],
): Flow {
  const { topology } = services.deployments.get(id).loadBalancer;
  const roles: readonly AmphoraRole[] = topology === 'SINGLE' ? ['STANDALONE'] : ['BACKUP', 'MASTER'];
  const last = roles.at(-1);
  const replace = roles.map((role, n): Flow => {
    const builtFor = `${flowId}/${role}`;
    const which: Which = ({ amphorae }) => amphorae.filter((amphora) => amphora.builtFor === builtFor);
    const failedId = failedIds[n];
    return {
      sequence: [
        ...(failedId ? [pendingDelete(services, id, failedId)] : []),
        buildAmphora(services, id, { role, builtFor }),
        updateVip(services, id, { name: 'UpdateVIPSecurityGroup', of: role }),
        ...(failedId ? [deleteAmphora(services, id, failedId, builtFor)] : []),
        listenersUpdate(services, id, { name: 'AmpListenersUpdate', of: role, which }),
        // The first is brought up at once; both get each other's address once the second is there.
        ...(role === last ? [] : vrrpFlow(services, id, { of: role, which })),
        ...(role === last ? [] : [listenersStart(services, id, { of: role, which })]),
      ],
    };
  });
  return {
    sequence: [
      revertFailover(services, id, failedIds),
      ...replace,
      { name: 'DeleteExtraAmphorae', execute: () => deleteLeftBehind(services, id) },
      ...(topology === 'SINGLE'
        ? []
        : [listenersUpdate(services, id, { name: 'AmpListenersUpdate' }), ...vrrpFlow(services, id)]),
      listenersStart(services, id, {}),
      updateVip(services, id),
      markActive(services, id),
    ],
  };
}

const reachable: Which = (deployment) => members(deployment).filter((amphora) => !amphora.unreachable);

function pendingDelete({ deployments }: Services, id: string, amphoraId: string): Task {
  return {
    name: 'MarkAmphoraPendingDeleteInDB',
    of: amphoraId,
    execute: async () => changeStatus(deployments.get(id), 'PENDING_DELETE'),
    // It may serve still, and is somebody's peer.
    revert: async () => changeStatus(deployments.get(id), 'ERROR'),
  };

  function changeStatus({ amphorae }: Deployment, status: AmphoraRecord['status']): void {
    deployments.change(id, () => ({
      amphorae: amphorae.map((amphora) =>
        amphora.id === amphoraId && !amphora.leftBehind ? { ...amphora, status } : amphora,
      ),
    }));
  }
}

/** Asked with little patience, so that a dead survivor does not hold up the replacement. */
function connectivityStatus({ driver, deployments }: Services, id: string, fresh: Which): Task {
  return {
    name: 'AmphoraeGetConnectivityStatus',
    execute: async () => {
      const deployment = deployments.get(id);
      const built = fresh(deployment);
      await Promise.all(
        members(deployment)
          .filter((amphora) => !built.includes(amphora))
          .map(async (amphora) => {
            const unreachable = !(await driver.reachable(amphora));
            deployments.changeAmphora(id, amphora.builtFor, { unreachable });
          }),
      );
    },
  };
}

function listenersStart(
  { driver, deployments }: Services,
  id: string,
  { of, which = members }: { readonly of?: string; readonly which?: Which },
): Task {
  return {
    name: 'ListenersStart',
    ...(of && { of }),
    execute: async () => {
      const deployment = deployments.get(id);
      for (const amphora of which(deployment)) {
        await atAmphora(amphora, () => driver.startListeners(amphora, deployment.applied));
      }
    },
  };
}

/** The load balancer goes to ERROR; those that are left are each other's peers again, as far as they answer. */
function revertFailover(services: Services, id: string, failedIds: readonly string[]): Task {
  return onRevert('LoadBalancerToErrorOnRevertTask', async () => {
    const { deployments, driver } = services;
    deployments.change(id, () => ({ provisioning_status: 'ERROR' }));
    const survivors: Which = (deployment) =>
      members(deployment).filter((amphora) => !failedIds.includes(amphora.id));
    await putBack(services, id, survivors);
    const deployment = deployments.get(id);
    await Promise.allSettled(
      survivors(deployment)
        .filter((amphora) => amphora.role !== 'STANDALONE')
        .map(async (amphora) => {
          if (!(await driver.reachable(amphora))) return;
          await uploadVrrp(services, deployment, amphora);
          await driver.vrrp(amphora, 'start');
        }),
    );
  });
}
