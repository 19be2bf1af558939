import type { FlowRequest } from '../domain/flow-request.ts';
import { type ObjectKind, without } from '../domain/objects.ts';
import type { Flow, Task } from './flow.ts';
import type { Services } from './services.ts';
import { listenersUpdate, markActive, onRevert, updateVip } from './tasks.ts';

type ChangeRequest = Extract<FlowRequest, { flow: 'change' }>;

/** An object in the names of Octavia's tasks; and that which holds it, where a task of its own marks that. */
const NAMES: Readonly<Record<ObjectKind, { readonly own: string; readonly holder?: string }>> = {
  listener: { own: 'Listener' },
  pool: { own: 'Pool' },
  member: { own: 'Member', holder: 'Pool' },
  healthmonitor: { own: 'HealthMonitor', holder: 'Pool' },
  l7policy: { own: 'L7Policy' },
  l7rule: { own: 'L7Rule', holder: 'L7Policy' },
};
const PENDING = {
  create: { task: 'PendingCreate', status: 'PENDING_CREATE' },
  update: { task: 'PendingUpdate', status: 'PENDING_UPDATE' },
  delete: { task: 'PendingDelete', status: 'PENDING_DELETE' },
} as const;

/**
 * Creates, updates or deletes an object: upstream's listener_flows, pool_flows, member_flows,
 * health_monitor_flows, l7policy_flows and l7rule_flows, which differ in names, and in that listeners change
 * the security group. A failure leaves the object in ERROR, the load balancer ACTIVE and the data plane on the
 * last good configuration.
 */
export function changeObject(services: Services, id: string, request: ChangeRequest): Flow {
  const { deployments } = services;
  const { object, action, created, updated, deleted, parents } = request;
  const { own, holder } = NAMES[object];
  const listener = object === 'listener';
  const stays = [...created, ...updated];
  const marked = (name: string, ids: readonly string[]): Task => ({
    name: `Mark${name}ActiveInDB`,
    execute: async () => deployments.settle(id, ids),
  });

  return {
    sequence: [
      onRevert(`${own}${action === 'batch' ? 's' : ''}ToErrorOnRevertTask`, async () =>
        revertChange(services, id, request),
      ),
      // The API has already answered for members in a batch and for listeners.
      ...(listener || action === 'batch'
        ? []
        : [
            {
              name: `Mark${own}${PENDING[action].task}InDB`,
              execute: async () => deployments.mark(id, [...stays, ...deleted], PENDING[action].status),
            },
          ]),
      ...(listener && action === 'delete'
        ? [listenersUpdate(services, id, { name: 'ListenerDelete' })]
        : [listenersUpdate(services, id)]),
      ...(listener
        ? [updateVip(services, id, action === 'delete' ? { name: 'UpdateVIPForDelete' } : {})]
        : []),
      ...(deleted.length > 0
        ? [{ name: `Delete${own}InDB`, execute: async () => forget(services, id, deleted) }]
        : []),
      ...(stays.length > 0 && !listener ? [marked(own, stays)] : []),
      ...(holder ? [marked(holder, parents)] : []),
      markActive(services, id, 'MarkLBAndListenersActiveInDB'),
    ],
  };
}

function forget({ deployments }: Services, id: string, ids: readonly string[]): void {
  deployments.change(id, ({ loadBalancer, statuses }) => ({
    loadBalancer: without(loadBalancer, ids),
    statuses: Object.fromEntries(Object.entries(statuses).filter(([known]) => !ids.includes(known))),
  }));
}

/** What could never be served is shown as it was asked for; all else is as it was before. */
function revertChange(services: Services, id: string, request: ChangeRequest): void {
  const { deployments } = services;
  const { action, created, updated, deleted, parents, unserved } = request;
  // Objects that a batch was to create are dropped: no request of their own waits for an answer.
  if (action === 'batch') forget(services, id, created);
  if (action !== 'create') deployments.change(id, ({ previous }) => ({ loadBalancer: previous }));
  deployments.mark(id, [...created, ...updated, ...deleted], 'ERROR');
  deployments.mark(id, unserved, 'ERROR', true);
  deployments.settle(id, parents);
  deployments.change(id, () => ({ provisioning_status: 'ACTIVE' }));
}
