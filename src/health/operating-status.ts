import type { LoadBalancer } from '../domain/load-balancer.ts';
import type { HealthMessage } from './message.ts';

/** Octavia's operating_status (octavia/common/constants.py). */
export type OperatingStatus = 'ONLINE' | 'DEGRADED' | 'ERROR' | 'OFFLINE' | 'DRAINING' | 'NO_MONITOR';

export interface OperatingStatuses {
  readonly loadbalancer: OperatingStatus;
  readonly listeners: Readonly<Record<string, OperatingStatus>>;
  readonly pools: Readonly<Record<string, OperatingStatus>>;
  readonly members: Readonly<Record<string, OperatingStatus>>;
}

/**
 * What a heartbeat says of a load balancer's objects
 * (octavia/amphorae/drivers/health/heartbeat_udp.py, _update_health and _process_pool_status).
 */
export function operatingStatuses(loadBalancer: LoadBalancer, message: HealthMessage): OperatingStatuses {
  const listeners: Record<string, OperatingStatus> = {};
  const pools: Record<string, OperatingStatus> = {};
  const members: Record<string, OperatingStatus> = {};
  let whole: OperatingStatus = loadBalancer.admin_state_up ? 'ONLINE' : 'OFFLINE';
  const worsen = (to: 'DEGRADED' | 'ERROR') => {
    if (to === 'ERROR' || whole === 'ONLINE') whole = to;
  };

  for (const { id, admin_state_up } of loadBalancer.listeners) {
    const status = message.listeners[id]?.status;
    if (status === undefined) listeners[id] = admin_state_up ? 'ERROR' : 'OFFLINE';
    else if (status === 'FULL') {
      listeners[id] = 'DEGRADED';
      worsen('DEGRADED');
    } else if (status === 'OPEN') listeners[id] = 'ONLINE';
  }

  // A pool may be used by several listeners: the first that tells of it counts.
  const told = new Map(
    Object.entries(message.pools)
      .reverse()
      .map(([name, pool]) => [name.split(':')[0], pool]),
  );
  for (const pool of loadBalancer.pools) {
    const found = told.get(pool.id);
    if (!found) {
      pools[pool.id] = 'OFFLINE';
      continue;
    }
    let status: OperatingStatus = found.status === 'DOWN' ? 'ERROR' : 'ONLINE';
    if (status === 'ERROR') worsen('ERROR');
    for (const { id } of pool.members) {
      members[id] = memberStatus(found.members[id]);
      if (members[id] === 'ERROR' && status === 'ONLINE') {
        status = 'DEGRADED';
        worsen('DEGRADED');
      }
    }
    pools[pool.id] = status;
  }
  return { loadbalancer: whole, listeners, pools, members };
}

/** HAProxy's words for a server: `UP 1/3` and `DOWN 2/3` are on their way to the other (management.txt, 9.1). */
function memberStatus(word: string | undefined): OperatingStatus {
  if (word === undefined || word === 'MAINT') return 'OFFLINE';
  if (word.startsWith('UP')) return 'ONLINE';
  if (word.startsWith('DOWN')) return 'ERROR';
  if (word === 'DRAIN') return 'DRAINING';
  return 'NO_MONITOR';
}
