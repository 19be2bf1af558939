import type { Amphora } from '../../domain/amphora.ts';
import type { Listener, LoadBalancer, Pool } from '../../domain/load-balancer.ts';
import type { Settings } from '../../domain/settings.ts';

/** Upstream's HAPROXY_MAX_MAXCONN: what a process is given where its listeners ask for as much, or for nothing. */
export const MAX_CONNECTIONS = 1_000_000;

/** For listeners that set none: in Rocky the most there is, today default_connection_limit. */
const DEFAULT_CONNECTION_LIMIT = { rocky: MAX_CONNECTIONS, current: 50_000 } as const;

/** The backend of PROMETHEUS listeners. */
export const EXPORTER = 'prometheus-exporter-internal';

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

const HTTP: readonly string[] = ['HTTP', 'TERMINATED_HTTPS', 'PROMETHEUS'];

export function mode(protocol: Listener['protocol'] | Pool['protocol']): 'http' | 'tcp' {
  return HTTP.includes(protocol) ? 'http' : 'tcp';
}

/** A listener's own limit. It may exceed what its process has: the process's is the one that holds. */
export function connectionLimit(listener: Listener, { profile }: Settings): number {
  return listener.connection_limit > 0 ? listener.connection_limit : DEFAULT_CONNECTION_LIMIT[profile];
}

/**
 * The pools that a listener's requests may reach, each once, in upstream's order: the default pool, then those of the
 * policies (octavia/db/models.py, Listener.pools).
 */
export function poolsOf(loadBalancer: LoadBalancer, listener: Listener): Pool[] {
  const ids = new Set([
    listener.default_pool_id,
    ...listener.l7policies
      .filter((policy) => policy.admin_state_up && policy.rules.length > 0)
      .map((policy) => policy.redirect_pool_id),
  ]);
  return [...ids].flatMap(
    (id) => loadBalancer.pools.find((pool) => pool.id === id && pool.admin_state_up) ?? [],
  );
}

/** Where one process serves all listeners, a pool has a backend for each listener that reaches it. */
export function backendName({ settings }: Context, listener: Listener, pool: Pool): string {
  return settings.profile === 'current' ? `${pool.id}:${listener.id}` : pool.id;
}

/** The file of a certificate, where it is referred to and known. */
export function certificate({ certificatePath }: Context, reference: string | undefined): string | undefined {
  return reference === undefined ? undefined : certificatePath?.(reference);
}
