import type { Amphora } from './amphora.ts';
import type { LoadBalancer } from './load-balancer.ts';
import { objectsOf, without } from './objects.ts';
import { inSubnet, type Vip, type VirtualAddress } from './vip.ts';
import type { VrrpGroup } from './vrrp-group.ts';

/** How far the last change of an object has come (octavia/common/constants.py). */
export type ProvisioningStatus =
  | 'PENDING_CREATE'
  | 'PENDING_UPDATE'
  | 'PENDING_DELETE'
  | 'ACTIVE'
  | 'ERROR'
  | 'DELETED';

/** What the data plane last said of an object. */
export type OperatingStatus = 'ONLINE' | 'OFFLINE' | 'DEGRADED' | 'ERROR' | 'DRAINING' | 'NO_MONITOR';

export interface ObjectStatus {
  readonly provisioning_status: ProvisioningStatus;
  readonly operating_status: OperatingStatus;
  /** Its creation failed: it is shown, and no amphora has ever served it. */
  readonly unserved?: boolean;
  /** ISO 8601; an older store has none. */
  readonly createdAt?: string;
  readonly updatedAt?: string;
}

/**
 * An amphora of a load balancer. It is rendered as a peer while ALLOCATED or in ERROR (what failed may still
 * serve); BOOTING it is being built, PENDING_DELETE it has been replaced.
 */
export type AmphoraRecord = Amphora & {
  readonly status: 'BOOTING' | 'ALLOCATED' | 'PENDING_DELETE' | 'ERROR';
  /** The flow's place for it: a flow that is resumed finds what it had begun. */
  readonly builtFor: string;
  /** It did not answer when a failover last asked. */
  readonly unreachable?: boolean;
  /** The one that it replaces is on its way out: from here on a failed flow leaves it. */
  readonly kept?: boolean;
  /** It has sent a heartbeat. */
  readonly heard?: boolean;
  /** The cloud could not remove it. */
  readonly leftBehind?: boolean;
  /** ISO 8601; an older store has none. */
  readonly createdAt?: string;
};

/** A load balancer with all that the controller knows of it; plain data, as the store keeps it. */
export interface Deployment {
  /** As asked for, with objects whose creation failed or whose deletion is under way. */
  readonly loadBalancer: LoadBalancer;
  /** As asked for before the change that is under way: what a failed one goes back to. */
  readonly previous: LoadBalancer;
  /** What the amphorae serve: the last good configuration. */
  readonly applied: LoadBalancer;
  readonly provisioning_status: ProvisioningStatus;
  readonly operating_status: OperatingStatus;
  /** By the ids of listeners, pools, members, health monitors, policies and rules. */
  readonly statuses: Readonly<Record<string, ObjectStatus>>;
  /** Its port is empty until it has been allocated. */
  readonly vip: Vip;
  /** The master first. */
  readonly amphorae: readonly AmphoraRecord[];
  readonly group: VrrpGroup;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Those that take part: each other's peers, and the targets of a change. */
export function members(deployment: Pick<Deployment, 'amphorae'>): readonly AmphoraRecord[] {
  return deployment.amphorae.filter(({ status }) => status === 'ALLOCATED' || status === 'ERROR');
}

/** Addresses beside the VIP, each with its subnet. */
export function additionalVipsOf({ loadBalancer, vip }: Deployment): readonly VirtualAddress[] {
  return loadBalancer.additional_vips.map((entry) => inSubnet(entry, [vip]));
}

/** Without what is being deleted and what could never be served: what amphorae are to be given. */
export function served({ loadBalancer, statuses }: Deployment): LoadBalancer {
  const left = Object.entries(statuses).filter(
    ([, status]) => status.unserved || status.provisioning_status === 'PENDING_DELETE',
  );
  return without(
    loadBalancer,
    left.map(([id]) => id),
  );
}

/** The statuses of a load balancer's objects: those that are known, and one for each that is not. */
export function statusesFor(
  loadBalancer: LoadBalancer,
  known: Deployment['statuses'],
  provisioning_status: ProvisioningStatus,
): Deployment['statuses'] {
  const unmonitored = new Set(
    loadBalancer.pools
      .filter((pool) => !pool.healthmonitor)
      .flatMap((pool) => pool.members.map((member) => member.id)),
  );
  const createdAt = new Date().toISOString();
  return Object.fromEntries(
    objectsOf(loadBalancer).map(({ id }) => [
      id,
      known[id] ?? {
        provisioning_status,
        operating_status: unmonitored.has(id) ? 'NO_MONITOR' : 'OFFLINE',
        createdAt,
      },
    ]),
  );
}
