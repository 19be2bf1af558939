import type { Amphora } from '../../domain/amphora.ts';
import type { Listener, LoadBalancer, Pool } from '../../domain/load-balancer.ts';
import type { Settings } from '../../domain/settings.ts';

/** For listeners that set none: Rocky's HAPROXY_MAX_MAXCONN, and today's default_connection_limit. */
export const DEFAULT_CONNECTION_LIMIT = { rocky: 1_000_000, current: 50_000 } as const;

export interface HaproxyInput {
  readonly loadBalancer: LoadBalancer;
  /** Those of the load balancer that this process serves: all of them (API 1.0), or one (API 0.5). */
  readonly listeners: readonly Listener[];
  /** Names the process, its folder and its socket: the load balancer's id, or the listener's. */
  readonly id: string;
  readonly vipAddress: string;
  readonly amphorae: readonly Amphora[];
  /** The usual one, where absent. */
  readonly peersPort?: number;
  readonly settings: Settings;
  /** Files of certificates in the amphora by their container reference. */
  readonly certificatePath?: (reference: string) => string;
}

/** With the name of the peers section, where there is one. */
export type Context = HaproxyInput & { readonly peers: string | undefined };

export function section(head: string, lines: readonly string[]): string {
  return `${head}\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

export function mode(protocol: Listener['protocol'] | Pool['protocol']): 'http' | 'tcp' {
  return protocol === 'HTTP' || protocol === 'TERMINATED_HTTPS' ? 'http' : 'tcp';
}

/** A listener's own limit, and never more than the process may have. */
export function connectionLimit(listener: Listener, { profile, haproxy_maxconn }: Settings): number {
  const wanted =
    listener.connection_limit > 0 ? listener.connection_limit : DEFAULT_CONNECTION_LIMIT[profile];
  return Math.min(wanted, haproxy_maxconn);
}

/** The pools that a listener's requests may reach, each once. */
export function poolsOf(loadBalancer: LoadBalancer, listener: Listener): Pool[] {
  const ids = new Set([
    listener.default_pool_id,
    ...listener.l7policies.map((policy) => policy.redirect_pool_id),
  ]);
  return loadBalancer.pools.filter((pool) => pool.admin_state_up && ids.has(pool.id));
}

/** Where one process serves all listeners, a pool has a backend for each listener that reaches it. */
export function backendName({ settings }: Context, listener: Listener, pool: Pool): string {
  return settings.profile === 'current' ? `${pool.id}:${listener.id}` : pool.id;
}

/** The file of a certificate, where it is referred to and known. */
export function certificate({ certificatePath }: Context, reference: string | undefined): string | undefined {
  return reference === undefined ? undefined : certificatePath?.(reference);
}
