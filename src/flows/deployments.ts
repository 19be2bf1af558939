import type {
  AmphoraRecord,
  Deployment,
  ObjectStatus,
  OperatingStatus,
  ProvisioningStatus,
} from '../domain/deployment.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import { NotFound, objectsOf } from '../domain/objects.ts';
import type { Store } from '../store/store.ts';

/** The load balancers that the controller knows, as the store keeps them. */
export class Deployments {
  readonly #store: Store;
  readonly #known: Map<string, Deployment>;

  constructor(store: Store) {
    this.#store = store;
    this.#known = new Map(store.deployments().map((deployment) => [deployment.loadBalancer.id, deployment]));
  }

  get all(): readonly Deployment[] {
    return [...this.#known.values()];
  }

  /** @throws NotFound */
  get(loadBalancerId: string): Deployment {
    const found = this.#known.get(loadBalancerId);
    if (!found) throw new NotFound(`There is no load balancer ${loadBalancerId}.`);
    return found;
  }

  /** That which holds an object, an amphora, or is it itself. @throws NotFound */
  holding(id: string): Deployment {
    const found = this.all.find(
      ({ loadBalancer, amphorae }) =>
        loadBalancer.id === id ||
        amphorae.some((amphora) => amphora.id === id) ||
        objectsOf(loadBalancer).some((object) => object.id === id),
    );
    if (!found) throw new NotFound(`There is no object ${id}.`);
    return found;
  }

  put(deployment: Deployment): void {
    this.#store.put(deployment);
    this.#known.set(deployment.loadBalancer.id, deployment);
  }

  remove(loadBalancerId: string): void {
    this.#store.remove(loadBalancerId);
    this.#known.delete(loadBalancerId);
  }

  /** One step from what is known now: flows side by side change the same load balancer. */
  change(loadBalancerId: string, step: (deployment: Deployment) => Partial<Deployment>): Deployment {
    const before = this.get(loadBalancerId);
    const after = { ...before, ...step(before), updatedAt: new Date().toISOString() };
    this.put(after);
    return after;
  }

  changeAmphora(loadBalancerId: string, builtFor: string, change: Partial<AmphoraRecord>): void {
    this.change(loadBalancerId, ({ amphorae }) => ({
      amphorae: amphorae.map((amphora) =>
        amphora.builtFor === builtFor ? { ...amphora, ...change } : amphora,
      ),
    }));
  }

  /** Marks objects, and whether any amphora has served them. */
  mark(
    loadBalancerId: string,
    ids: readonly string[],
    provisioning_status: ProvisioningStatus,
    unserved = false,
  ): void {
    this.#changeStatuses(loadBalancerId, (id, { unserved: _, ...status }) =>
      ids.includes(id) ? { ...status, provisioning_status, ...(unserved && { unserved }) } : undefined,
    );
  }

  /** What was pending is done; all of it, or these objects. */
  settle(loadBalancerId: string, ids?: readonly string[]): void {
    const online = onlineWhenActive(this.get(loadBalancerId).loadBalancer);
    this.#changeStatuses(loadBalancerId, (id, { unserved: _, ...status }) => {
      const pending = ['PENDING_CREATE', 'PENDING_UPDATE'].includes(status.provisioning_status);
      if (!pending || (ids && !ids.includes(id))) return undefined;
      const operating_status = online.get(id) ?? status.operating_status;
      return { ...status, operating_status, provisioning_status: 'ACTIVE' };
    });
  }

  #changeStatuses(
    loadBalancerId: string,
    step: (id: string, status: ObjectStatus) => ObjectStatus | undefined,
  ): void {
    const updatedAt = new Date().toISOString();
    this.change(loadBalancerId, ({ statuses }) => ({
      statuses: Object.fromEntries(
        Object.entries(statuses).map(([id, status]) => {
          const changed = step(id, status);
          return [id, changed ? { ...changed, updatedAt } : status];
        }),
      ),
    }));
  }
}

/**
 * The status of served objects that no heartbeat mentions
 * (octavia/controller/worker/v2/tasks/database_tasks.py, MarkHealthMonitorActiveInDB and the like).
 */
function onlineWhenActive(loadBalancer: LoadBalancer): ReadonlyMap<string, OperatingStatus> {
  return new Map(
    objectsOf(loadBalancer)
      .filter(({ kind }) => kind === 'healthmonitor' || kind === 'l7policy' || kind === 'l7rule')
      .map(({ id, value }) => [
        id,
        (value as { readonly admin_state_up: boolean }).admin_state_up ? 'ONLINE' : 'OFFLINE',
      ]),
  );
}
