import type { HealthMessage } from '../health/message.ts';
import type { VirtualService } from './ipvs.ts';
import type { LvsListener } from './lvs-configuration.ts';

/** What a heartbeat reports of a UDP or SCTP listener, in HAProxy's words. */
export interface LvsReport {
  readonly listenerId: string;
  readonly activeConnections: number;
  readonly totals: {
    readonly bin: number;
    readonly bout: number;
    readonly stot: number;
    readonly ereq: number;
  };
  readonly pool: { readonly id: string; readonly told: HealthMessage['pools'][string] } | undefined;
}

/**
 * Compares what a listener is to be with what the kernel does
 * (octavia/amphorae/backends/utils/keepalivedlvs_query.py, get_lvs_listener_pool_status, get_lvs_listeners_stats).
 *
 * @param restarting the configuration is newer than the process that reads it
 */
export function lvsReport(
  listenerId: string,
  listener: LvsListener,
  services: ReadonlyMap<string, VirtualService>,
  restarting: boolean,
): LvsReport {
  const found = listener.vips.flatMap((vip) => services.get(`${listener.protocol} ${vip}`) ?? []);
  const sum = (of: (service: VirtualService) => number) =>
    found.reduce((total, service) => total + of(service), 0);
  const active = ({ servers }: VirtualService) =>
    [...servers.values()].reduce((total, { activeConnections }) => total + activeConnections, 0);
  return {
    listenerId,
    activeConnections: sum(active),
    totals: {
      bin: sum(({ bytesIn }) => bytesIn),
      bout: sum(({ bytesOut }) => bytesOut),
      stot: sum(({ connections }) => connections),
      ereq: 0,
    },
    pool: listener.poolId ? { id: listener.poolId, told: poolTold(listener, found, restarting) } : undefined,
  };
}

function poolTold(
  { members, monitored }: LvsListener,
  services: readonly VirtualService[],
  restarting: boolean,
): HealthMessage['pools'][string] {
  const servers = new Map(services.flatMap((service) => [...service.servers]));
  const wordOf = (server: string | undefined): string => {
    if (server === undefined) return 'MAINT';
    const known = servers.get(server);
    if (known) return known.weight === 0 ? 'DRAIN' : monitored ? 'UP' : 'no check';
    // It has no monitor: it cannot have been taken out.
    if (servers.size === 0 && !monitored) return 'no check';
    return restarting ? 'RESTARTING' : 'DOWN';
  };
  const nobodyServes = members.length > 0 && servers.size === 0 && monitored;
  return {
    status: nobodyServes ? 'DOWN' : 'UP',
    members: Object.fromEntries(members.map(({ id, server }) => [id, wordOf(server)])),
  };
}
