import { randomUUID } from 'node:crypto';
import {
  type Deployment,
  members,
  type ObjectStatus,
  type OperatingStatus,
  type ProvisioningStatus,
  statusesFor,
} from '../domain/deployment.ts';
import type { FlowRequest } from '../domain/flow-request.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import { NotFound, type ObjectKind, objectsOf, without } from '../domain/objects.ts';
import { type Change, targetOf } from '../domain/planned-change.ts';
import type { Settings } from '../domain/settings.ts';
import { NoAuthority, rotateCertificates } from '../flows/certificates.ts';
import { changeObject } from '../flows/change.ts';
import type { ComputeService } from '../flows/compute.ts';
import { configureAmphora } from '../flows/configuration.ts';
import { Deployments } from '../flows/deployments.ts';
import { failoverAmphora, failoverLoadBalancer } from '../flows/failover.ts';
import { type Flow, runFlow, type TaskListener } from '../flows/flow.ts';
import { createLoadBalancer, deleteLoadBalancer, updateLoadBalancer } from '../flows/load-balancer.ts';
import type { NetworkService } from '../flows/network.ts';
import type { Driver, Services } from '../flows/services.ts';
import type { JournalledFlow, Store } from '../store/store.ts';
import { planChange } from './change.ts';
import { planLoadBalancerUpdate } from './change-update.ts';
import type { FlowListener } from './flow-log.ts';
import { vrrpGroup } from './vrrp-group.ts';

/** The load balancer is being changed, or is in ERROR: it cannot be changed now (Octavia's ImmutableObject). */
export class Immutable extends Error {
  override readonly name = 'Immutable';
}

/** A load balancer of that id is there already. */
export class AlreadyThere extends Error {
  override readonly name = 'AlreadyThere';
}

/** A change that has been accepted: the load balancer is pending, and its flow runs. */
export interface Accepted {
  readonly deployment: Deployment;
  /** The objects that the change created, the one that was asked for first. */
  readonly created: readonly string[];
  /** Resolves with the load balancer as it is then; rejects with FlowFailed. */
  readonly done: Promise<Deployment>;
}

/**
 * The controller worker: flows that turn what is asked for into amphorae that serve it.
 *
 * Methods that end in a promise of a {@link Deployment} resolve when the flow has ended; they reject with
 * FlowFailed when it failed and has been reverted, with Immutable while the load balancer is being
 * changed, with NotFound, and with InvalidLoadBalancer.
 */
export class Controller {
  readonly #services: Services;
  readonly #store: Store;
  readonly #onTask: TaskListener;
  readonly #onFlow: FlowListener;

  constructor(parts: {
    readonly compute: ComputeService;
    readonly network: NetworkService;
    readonly driver: Driver;
    readonly bootFiles: Services['bootFiles'];
    readonly issueCertificate?: NonNullable<Services['issueCertificate']>;
    readonly settings: Settings;
    readonly store: Store;
    readonly onTask?: TaskListener;
    readonly onFlow?: FlowListener;
  }) {
    const { store, onTask = () => {}, onFlow = () => {}, ...services } = parts;
    this.#services = { ...services, deployments: new Deployments(store) };
    this.#store = store;
    this.#onTask = onTask;
    this.#onFlow = onFlow;
  }

  get deployments(): readonly Deployment[] {
    return this.#services.deployments.all;
  }

  /** @throws NotFound */
  deployment(loadBalancerId: string): Deployment {
    return this.#services.deployments.get(loadBalancerId);
  }

  /** The load balancer that holds an object or an amphora. @throws NotFound */
  holding(id: string): Deployment {
    return this.#services.deployments.holding(id);
  }

  /** Boots amphorae, plugs the VIP, starts VRRP and serves all listeners. What fails leaves it in ERROR, and nothing behind. */
  createLoadBalancer(loadBalancer: LoadBalancer): Promise<Deployment> {
    return this.acceptLoadBalancer(loadBalancer).done;
  }

  /** As {@link createLoadBalancer}, without waiting. @throws AlreadyThere */
  acceptLoadBalancer(loadBalancer: LoadBalancer): Accepted {
    const { id } = loadBalancer;
    if (this.deployments.some((known) => known.loadBalancer.id === id)) {
      throw new AlreadyThere(`There is a load balancer ${id} already.`);
    }
    const objects = objectsOf(loadBalancer).map((object) => object.id);
    const nothing = without(loadBalancer, objects);
    const now = new Date().toISOString();
    return this.#accept(
      {
        loadBalancer,
        previous: nothing,
        applied: nothing,
        provisioning_status: 'PENDING_CREATE',
        operating_status: 'OFFLINE',
        statuses: statusesFor(loadBalancer, {}, 'PENDING_CREATE'),
        vip: {
          ip_address: loadBalancer.vip_address ?? '',
          port_id: '',
          subnet_cidr: '',
          gateway_ip: '',
          ...loadBalancer.subnet,
        },
        amphorae: [],
        group: vrrpGroup(id, this.#services.settings),
        createdAt: now,
        updatedAt: now,
      },
      { flow: 'create load balancer' },
    );
  }

  /** Its own fields; listeners and the like have their own calls. */
  updateLoadBalancer(id: string, value: unknown): Promise<Deployment> {
    return this.acceptLoadBalancerUpdate(id, value).done;
  }

  acceptLoadBalancerUpdate(id: string, value: unknown): Accepted {
    const before = this.#mutable(id, ['ACTIVE']);
    const loadBalancer = planLoadBalancerUpdate(before.loadBalancer, value);
    return this.#accept(
      { ...before, loadBalancer, previous: before.loadBalancer, provisioning_status: 'PENDING_UPDATE' },
      { flow: 'update load balancer' },
    );
  }

  /** All that stands in it becomes this, in one flow: listeners, pools and the like come, change and go. */
  updateListeners(loadBalancer: LoadBalancer): Promise<Deployment> {
    const before = this.#mutable(loadBalancer.id, ['ACTIVE']);
    return this.#accept(
      {
        ...before,
        loadBalancer,
        previous: before.loadBalancer,
        provisioning_status: 'PENDING_UPDATE',
        statuses: statusesFor(loadBalancer, before.statuses, 'PENDING_CREATE'),
      },
      { flow: 'update load balancer' },
    ).done;
  }

  /** Removes it with all that stands in it. */
  async deleteLoadBalancer(id: string): Promise<void> {
    await this.acceptLoadBalancerDeletion(id).done;
  }

  acceptLoadBalancerDeletion(id: string): Accepted {
    const before = this.#mutable(id, ['ACTIVE', 'ERROR']);
    return this.#accept(
      { ...before, provisioning_status: 'PENDING_DELETE' },
      { flow: 'delete load balancer' },
    );
  }

  /**
   * @param parent the load balancer for a listener or pool, the pool for a member or health monitor, the
   *   listener for a policy, the policy for a rule
   * @param value as Octavia's API v2 has it
   */
  create(object: ObjectKind, parent: string, value: unknown): Promise<Deployment> {
    return this.accept({ action: 'create', object, parent, value }).done;
  }

  /** @param value the fields that change */
  update(id: string, value: unknown): Promise<Deployment> {
    return this.accept({ action: 'update', id, value }).done;
  }

  delete(id: string): Promise<Deployment> {
    return this.accept({ action: 'delete', id }).done;
  }

  /** The members of a pool become these: one flow, one reload. */
  replaceMembers(pool: string, value: readonly unknown[]): Promise<Deployment> {
    return this.accept({ action: 'replace members', pool, value }).done;
  }

  /**
   * What a change would make of its load balancer, and what that is now.
   *
   * @throws InvalidLoadBalancer, NotFound
   */
  plan(change: Change): { readonly planned: LoadBalancer; readonly before: LoadBalancer } {
    const before = this.holding(targetOf(change)).loadBalancer;
    return { planned: planChange(before, change).loadBalancer, before };
  }

  /**
   * Any change of an object, without waiting.
   *
   * @throws InvalidLoadBalancer, NotFound, Immutable
   */
  accept(change: Change): Accepted {
    const before = this.#mutable(this.holding(targetOf(change)).loadBalancer.id, ['ACTIVE']);
    const { loadBalancer, ...plan } = planChange(before.loadBalancer, change);
    const updatedAt = new Date().toISOString();
    const status = (provisioning_status: ProvisioningStatus, ids: readonly string[]) =>
      ids.map((id): [string, ObjectStatus] => {
        const { unserved: _, ...known } = before.statuses[id] ?? { operating_status: 'OFFLINE' };
        return [id, { ...known, provisioning_status, updatedAt }];
      });
    const wasUnserved = (id: string) => before.statuses[id]?.unserved === true;
    return this.#accept(
      {
        ...before,
        loadBalancer,
        previous: before.loadBalancer,
        provisioning_status: 'PENDING_UPDATE',
        statuses: {
          ...before.statuses,
          ...statusesFor(loadBalancer, before.statuses, 'PENDING_CREATE'),
          ...Object.fromEntries([
            ...status('PENDING_UPDATE', plan.updated),
            ...status('PENDING_DELETE', plan.deleted),
            ...status(
              'PENDING_UPDATE',
              plan.parents.filter((id) => before.statuses[id]?.provisioning_status === 'ACTIVE'),
            ),
          ]),
        },
      },
      {
        flow: 'change',
        ...plan,
        unserved: [
          ...(plan.action === 'create' ? plan.created : []),
          ...[...plan.updated, ...plan.deleted].filter(wasUnserved),
        ],
      },
      plan.created,
    );
  }

  /** Replaces one amphora. */
  failoverAmphora(amphoraId: string): Promise<Deployment> {
    return this.acceptAmphoraFailover(amphoraId).done;
  }

  acceptAmphoraFailover(amphoraId: string): Accepted {
    const before = this.#mutable(this.holding(amphoraId).loadBalancer.id, ['ACTIVE', 'ERROR']);
    const amphora = before.amphorae.find(({ id }) => id === amphoraId);
    if (!amphora) throw new NotFound(`There is no amphora ${amphoraId}.`);
    return this.#accept(
      { ...before, provisioning_status: 'PENDING_UPDATE' },
      { flow: 'failover amphora', amphoraId, role: amphora.role },
    );
  }

  /**
   * Gives an amphora's agent its configuration anew.
   *
   * @throws NotFound, and NoAuthority where the amphorae were configured by somebody else
   */
  acceptAmphoraConfiguration(amphoraId: string): Accepted {
    if (!this.#services.issueCertificate) throw new NoAuthority();
    return this.#accept(this.holding(amphoraId), { flow: 'configure amphora', amphoraId });
  }

  /** A text that the store keeps beside the load balancers; undefined where none is kept under the name. */
  recall(name: string): string | undefined {
    return this.#store.secret(name);
  }

  remember(name: string, text: string): void {
    this.#store.keepSecret(name, text);
  }

  /** Replaces all amphorae, the backup first. */
  failoverLoadBalancer(id: string): Promise<Deployment> {
    return this.acceptLoadBalancerFailover(id).done;
  }

  acceptLoadBalancerFailover(id: string): Accepted {
    const before = this.#mutable(id, ['ACTIVE', 'ERROR']);
    const amphoraIds = members(before)
      .toReversed()
      .map((amphora) => amphora.id);
    return this.#accept(
      { ...before, provisioning_status: 'PENDING_UPDATE' },
      { flow: 'failover load balancer', amphoraIds },
    );
  }

  /**
   * Gives the agents of a load balancer's amphorae new certificates; nothing else changes.
   *
   * @throws NoAuthority, AmphoraUnreachable, AgentRefused within FlowFailed
   */
  rotateCertificates(id: string): Promise<Deployment> {
    const before = this.#mutable(id, ['ACTIVE']);
    return this.#accept(before, { flow: 'rotate certificates' }).done;
  }

  /** What the data plane says of objects, by their ids; the load balancer's own too. */
  noteOperatingStatuses(loadBalancerId: string, found: Readonly<Record<string, OperatingStatus>>): void {
    const { statuses, operating_status } = this.deployment(loadBalancerId);
    const known = { ...statuses, [loadBalancerId]: { operating_status } };
    const changed = Object.entries(found).filter(([id, status]) => {
      const before = known[id]?.operating_status;
      return before !== undefined && before !== status;
    });
    if (changed.length === 0) return;
    const now = Object.fromEntries(changed);
    this.#services.deployments.change(loadBalancerId, (deployment) => ({
      operating_status: now[loadBalancerId] ?? deployment.operating_status,
      statuses: Object.fromEntries(
        Object.entries(deployment.statuses).map(([id, status]) => [
          id,
          { ...status, operating_status: now[id] ?? status.operating_status },
        ]),
      ),
    }));
  }

  /** An amphora has sent a heartbeat: from now on its silence counts. */
  noteHeard(amphoraId: string): void {
    const { loadBalancer, amphorae } = this.holding(amphoraId);
    const amphora = amphorae.find(({ id }) => id === amphoraId);
    if (!amphora || amphora.heard) return;
    this.#services.deployments.changeAmphora(loadBalancer.id, amphora.builtFor, { heard: true });
  }

  /**
   * Takes up the flows that were under way when an earlier controller ended: what was going forward goes on,
   * what was being reverted is reverted.
   *
   * @returns how each of them ended
   */
  resume(): Promise<PromiseSettledResult<Deployment>[]> {
    const known = new Set(this.deployments.map(({ loadBalancer }) => loadBalancer.id));
    const unfinished = this.#store.unfinished();
    // After a deletion, only the end of the flow may have been left.
    for (const flow of unfinished) if (!known.has(flow.loadBalancerId)) this.#store.endFlow(flow.id);
    return Promise.allSettled(
      unfinished.filter((flow) => known.has(flow.loadBalancerId)).map((flow) => this.#run(flow)),
    );
  }

  #mutable(id: string, allowed: readonly ProvisioningStatus[]): Deployment {
    const deployment = this.deployment(id);
    if (!allowed.includes(deployment.provisioning_status)) {
      throw new Immutable(
        `Load balancer ${id} is ${deployment.provisioning_status} and cannot be changed; it must be ${allowed.join(' or ')}.`,
      );
    }
    return deployment;
  }

  #accept(pendingDeployment: Deployment, request: FlowRequest, created: readonly string[] = []): Accepted {
    const flow = { id: randomUUID(), loadBalancerId: pendingDeployment.loadBalancer.id, request };
    this.#store.atomically(() => {
      this.#services.deployments.put(pendingDeployment);
      this.#store.beginFlow(flow);
    });
    const done = this.#run({ ...flow, direction: 'forward', begun: [], done: new Set() });
    // The caller may not wait.
    done.catch(() => {});
    return { deployment: pendingDeployment, created, done };
  }

  async #run(journalled: JournalledFlow): Promise<Deployment> {
    const { id, loadBalancerId, request } = journalled;
    const failed = (what: { readonly reverting?: string; readonly error: unknown }) =>
      this.#onFlow({ flow: request.flow, loadBalancerId, ...what });
    const before = this.deployment(loadBalancerId);
    try {
      await runFlow(this.#build(journalled), {
        onTask: this.#onTask,
        onRevertFailed: (reverting, error) => failed({ reverting, error }),
        progress: journalled,
        journal: {
          begin: (task) => this.#store.beginTask(id, task),
          end: (task) => this.#store.endTask(id, task),
          turnBack: () => this.#store.turnBack(id),
        },
      });
    } catch (error) {
      failed({ error });
      throw error;
    } finally {
      this.#store.endFlow(id);
    }
    const found = this.deployments.find((known) => known.loadBalancer.id === loadBalancerId);
    return found ?? { ...before, provisioning_status: 'DELETED' };
  }

  #build({ id, loadBalancerId, request }: JournalledFlow): Flow {
    const services = this.#services;
    switch (request.flow) {
      case 'create load balancer':
        return createLoadBalancer(services, loadBalancerId, id);
      case 'update load balancer':
        return updateLoadBalancer(services, loadBalancerId);
      case 'delete load balancer':
        return deleteLoadBalancer(services, loadBalancerId);
      case 'change':
        return changeObject(services, loadBalancerId, request);
      case 'failover amphora':
        return failoverAmphora(services, loadBalancerId, id, request);
      case 'failover load balancer':
        return failoverLoadBalancer(services, loadBalancerId, id, request.amphoraIds);
      case 'configure amphora':
        return configureAmphora(services, loadBalancerId, request.amphoraId);
      case 'rotate certificates':
        return rotateCertificates(services, loadBalancerId);
    }
  }
}
