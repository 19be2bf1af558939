import type { LoadBalancer } from '../domain/load-balancer.ts';
import type { HealthMessage } from './message.ts';

/** Octavia's operating_status (octavia/common/constants.py). */
export type OperatingStatus = 'ONLINE' | 'DEGRADED' | 'ERROR' | 'OFFLINE' | 'DRAINING' | 'NO_MONITOR';

/** A load balancer as far as a heartbeat is compared with it. */
export interface Watched {
  /** The listeners that its amphorae must serve. */
  readonly loadBalancer: LoadBalancer;
  readonly provisioning_status: string;
  readonly statuses: Readonly<Record<string, { readonly operating_status: OperatingStatus }>>;
}

/**
 * Whether a heartbeat shows that its amphora serves all that it was given: else it does not count, and an
 * amphora whose HAProxy is dead while its agent lives is replaced. Nothing is missed while the load balancer is
 * being changed or is disabled (octavia/amphorae/drivers/health/heartbeat_udp.py, _update_health).
 */
export function reportsAll({ loadBalancer, provisioning_status }: Watched, message: HealthMessage): boolean {
  if (provisioning_status.startsWith('PENDING') || !loadBalancer.admin_state_up) return true;
  const expected = loadBalancer.listeners.filter(
    (listener) =>
      listener.admin_state_up &&
      // Amphorae before versioned messages report a UDP listener only once it has an enabled member.
      (message.ver > 0 || listener.protocol !== 'UDP' || hasEnabledMember(loadBalancer, listener)),
  );
  return Object.keys(message.listeners).length === expected.length;
}

function hasEnabledMember({ pools }: LoadBalancer, listener: LoadBalancer['listeners'][number]): boolean {
  const pool = pools.find(({ id }) => id === listener.default_pool_id);
  return pool?.members.some((member) => member.admin_state_up) ?? false;
}

/**
 * What a heartbeat says of a load balancer and the objects in it, by their ids; an object that it does not
 * mention keeps its status (octavia/amphorae/drivers/health/heartbeat_udp.py, _update_health and _process_pool_status).
 */
export function operatingStatuses(
  { loadBalancer, provisioning_status, statuses }: Watched,
  message: HealthMessage,
): Readonly<Record<string, OperatingStatus>> {
  const found: Record<string, OperatingStatus> = {};
  let whole: OperatingStatus = loadBalancer.admin_state_up ? 'ONLINE' : 'OFFLINE';
  const worsen = (to: 'DEGRADED' | 'ERROR') => {
    if (to === 'ERROR' || whole === 'ONLINE') whole = to;
  };

  for (const { id, admin_state_up } of loadBalancer.listeners) {
    const status = message.listeners[id]?.status;
    if (status === undefined) {
      found[id] = admin_state_up && provisioning_status === 'ACTIVE' ? 'ERROR' : 'OFFLINE';
    } else if (status === 'OPEN') found[id] = 'ONLINE';
    else if (status === 'FULL') {
      found[id] = 'DEGRADED';
      worsen('DEGRADED');
    }
  }

  const told = poolsTold(loadBalancer, message);
  for (const { id: poolId, members } of loadBalancer.pools) {
    const pool = told.get(poolId);
    if (!pool) {
      found[poolId] = 'OFFLINE';
      continue;
    }
    let status = POOL_WORDS[pool.status];
    if (status === 'ERROR') worsen('ERROR');
    for (const { id } of members) {
      const word = pool.members[id];
      const member = word === undefined ? missingMember(statuses[id]?.operating_status) : memberStatus(word);
      if (member) found[id] = member;
      if (member === 'ERROR' && word !== undefined && status === 'ONLINE') {
        status = 'DEGRADED';
        worsen('DEGRADED');
      }
    }
    if (status) found[poolId] = status;
  }
  return { ...found, [loadBalancer.id]: whole };
}

type PoolTold = HealthMessage['pools'][string];

/** DOWN has no server that works, UP has some or needs none (management.txt, 9.1). */
const POOL_WORDS: Readonly<Record<string, OperatingStatus>> = { UP: 'ONLINE', DOWN: 'ERROR' };

/**
 * The pools of a message by their ids. A pool that several listeners use is reported several times: from version 2
 * on the last counts, before it the first listener's.
 */
function poolsTold({ listeners }: LoadBalancer, message: HealthMessage): ReadonlyMap<string, PoolTold> {
  if (message.ver >= 2) return new Map(byPool(message.pools));
  const ofListeners = listeners.flatMap(({ id }) => byPool(message.listeners[id]?.pools ?? {}));
  return new Map(ofListeners.reverse());
}

/** `{pool}:{listener}`, or the pool alone. */
function byPool(pools: Readonly<Record<string, PoolTold>>): [string, PoolTold][] {
  return Object.entries(pools).map(([name, pool]) => [name.replace(/:[^:]*$/, ''), pool]);
}

/** HAProxy's and IPVS's words for a server: `UP 1/3` and `DOWN 2/3` are on their way to the other. */
function memberStatus(word: string): OperatingStatus | undefined {
  if (word.startsWith('UP')) return 'ONLINE';
  if (word.startsWith('DOWN')) return 'ERROR';
  // RESTARTING: keepalived has just been started, and its checks have no result yet.
  return MEMBER_WORDS[word];
}

const MEMBER_WORDS: Readonly<Record<string, OperatingStatus>> = {
  DRAIN: 'DRAINING',
  MAINT: 'OFFLINE',
  'no check': 'NO_MONITOR',
};

function missingMember(known: OperatingStatus | undefined): OperatingStatus | undefined {
  return known === 'NO_MONITOR' ? undefined : 'OFFLINE';
}
