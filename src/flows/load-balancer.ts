import type { AmphoraRole } from '../domain/amphora.ts';
import { statusesFor } from '../domain/deployment.ts';
import { objectsOf } from '../domain/objects.ts';
import { buildAmphora } from './amphora.ts';
import type { Flow } from './flow.ts';
import type { Services } from './services.ts';
import { forward, listenersUpdate, markActive, onRevert, updateVip, vrrpFlow } from './tasks.ts';

/** VIP, amphorae, VRRP between two of them, and all listeners (upstream's get_create_load_balancer_flow). */
export function createLoadBalancer(services: Services, id: string, flowId: string): Flow {
  const { network, deployments } = services;
  const { loadBalancer } = deployments.get(id);
  const pair = loadBalancer.topology === 'ACTIVE_STANDBY';
  const roles: readonly AmphoraRole[] = pair ? ['MASTER', 'BACKUP'] : ['STANDALONE'];
  return {
    sequence: [
      onRevert('LoadBalancerIDToErrorOnRevertTask', async () => toError(services, id)),
      {
        name: 'AllocateVIP',
        execute: async () => {
          const address = loadBalancer.vip_address;
          const vip = await network.allocateVip({ loadBalancerId: id, ...(address && { address }) });
          deployments.change(id, () => ({ vip }));
        },
        revert: async () => {
          await network.deallocateVip(id);
          deployments.change(id, ({ vip }) => ({ vip: { ...vip, port_id: '' } }));
        },
      },
      { together: roles.map((role) => buildAmphora(services, id, { role, builtFor: `${flowId}/${role}` })) },
      // Until the listeners serve, nobody but the amphorae themselves gets in.
      forward(updateVip(services, id, { name: 'UpdateVIPSecurityGroup', open: ({ applied }) => applied })),
      // Before keepalived, as in upstream's failover: its check fails while there is no HAProxy, and a check that has
      // failed must succeed `rise` times before an amphora takes part, for 10 s with Octavia's settings. Upstream has
      // that wait when it creates a load balancer together with its listeners.
      ...(loadBalancer.listeners.length > 0 ? [forward(listenersUpdate(services, id))] : []),
      ...(pair ? vrrpFlow(services, id) : []),
      ...(loadBalancer.listeners.length > 0 ? [forward(updateVip(services, id))] : []),
      markActive(services, id),
    ],
  };
}

/** The load balancer's own fields, or all that stands in it (upstream's get_update_load_balancer_flow). */
export function updateLoadBalancer(services: Services, id: string): Flow {
  return {
    sequence: [
      // Upstream leaves it in ERROR; here the data plane is as before, and so is the load balancer.
      onRevert('LoadBalancerToErrorOnRevertTask', async () => {
        services.deployments.change(id, ({ previous, statuses }) => ({
          loadBalancer: previous,
          provisioning_status: 'ACTIVE',
          statuses: statusesFor(previous, statuses, 'ACTIVE'),
        }));
      }),
      listenersUpdate(services, id),
      updateVip(services, id),
      markActive(services, id),
    ],
  };
}

/** Everything goes (upstream's get_cascade_delete_load_balancer_flow). */
export function deleteLoadBalancer(services: Services, id: string): Flow {
  const { compute, network, deployments } = services;
  const { amphorae } = deployments.get(id);
  return {
    sequence: [
      onRevert('LoadBalancerToErrorOnRevertTask', async () => toError(services, id)),
      {
        name: 'UnplugVIP',
        execute: async () => {
          for (const amphora of amphorae) await network.unplugVipPort(amphora.id);
        },
      },
      { name: 'DeallocateVIP', execute: () => network.deallocateVip(id) },
      {
        name: 'DeleteAmphoraeOnLoadBalancer',
        execute: async () => {
          await Promise.all(amphorae.map((amphora) => compute.delete(amphora.id)));
        },
      },
      { name: 'MarkLBDeletedInDB', execute: async () => deployments.remove(id) },
    ],
  };
}

function toError({ deployments }: Services, id: string): void {
  const { loadBalancer } = deployments.change(id, () => ({ provisioning_status: 'ERROR' }));
  deployments.mark(
    id,
    objectsOf(loadBalancer).map((object) => object.id),
    'ERROR',
  );
}
