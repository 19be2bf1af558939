import type { Listener, LoadBalancer, Pool } from '../load-balancer.ts';
import { transportOf } from '../protocol.ts';
import { ipVersion } from '../schema/address.ts';
import { Conflict, refuse } from '../schema/invalid.ts';

/** Pools that a listener's requests may go to (octavia/common/constants.py, VALID_LISTENER_POOL_PROTOCOL_MAP). */
const POOLS_OF: Readonly<Record<Listener['protocol'], readonly Pool['protocol'][]>> = {
  TCP: ['HTTP', 'HTTPS', 'PROXY', 'PROXYV2', 'TCP'],
  HTTP: ['HTTP', 'PROXY', 'PROXYV2'],
  HTTPS: ['HTTPS', 'PROXY', 'PROXYV2', 'TCP'],
  TERMINATED_HTTPS: ['HTTP', 'PROXY', 'PROXYV2'],
  UDP: ['UDP'],
  SCTP: ['SCTP'],
  PROMETHEUS: [],
};

/** Whether a listener reads requests, so that policies can tell them apart. */
export function readsRequests({ protocol }: Pick<Listener, 'protocol'>): boolean {
  return protocol === 'HTTP' || protocol === 'TERMINATED_HTTPS';
}

const within = (place: string, field: string) => (place ? `${place}.${field}` : field);

/**
 * A listener as it would be created (octavia/api/v2/controllers/listener.py, _validate_create_listener).
 *
 * @param place empty where the request is for the listener alone
 * @throws InvalidLoadBalancer
 */
export function refuseListener(loadBalancer: LoadBalancer, listener: Listener, place: string): void {
  const at = (field: string) => within(place, field);
  refuseTakenPort(loadBalancer, listener, at('protocol_port'));
  refusePoolOf(loadBalancer, listener, listener.default_pool_id, at('default_pool'));
  refuseHeaders(listener, at('insert_headers'));
  refuseReferences(listener, at);
  if (listener.client_authentication !== 'NONE' && !listener.client_ca_tls_container_ref) {
    refuse(
      at('client_ca_tls_container_ref'),
      `is missing; client_authentication ${listener.client_authentication} needs it`,
    );
  }
  if (listener.client_crl_container_ref && !listener.client_ca_tls_container_ref) {
    refuse(at('client_ca_tls_container_ref'), 'is missing; client_crl_container_ref needs it');
  }
  refuseTransportSecurity(listener, at);
  refuseCidrs(loadBalancer, listener, at('allowed_cidrs'));
}

/**
 * A listener as it would become (_validate_listener_PUT): a removed client authority stays in
 * force.
 *
 * @param given the fields of the update
 */
export function refuseListenerUpdate(
  loadBalancer: LoadBalancer,
  { before, after, given }: { before: Listener; after: Listener; given: Readonly<Record<string, unknown>> },
): void {
  const at = (field: string) => field;
  if (given.default_pool_id) refusePoolOf(loadBalancer, after, after.default_pool_id, 'default_pool_id');
  if (given.insert_headers) refuseHeaders(after, 'insert_headers');
  refuseReferences(after, at);
  const authority = after.client_ca_tls_container_ref ?? before.client_ca_tls_container_ref;
  if (given.client_authentication && after.client_authentication !== 'NONE' && !authority) {
    refuse(
      'client_ca_tls_container_ref',
      `is missing; client_authentication ${after.client_authentication} needs it`,
    );
  }
  if (after.client_crl_container_ref && !authority) {
    refuse('client_ca_tls_container_ref', 'is missing; client_crl_container_ref needs it');
  }
  refuseTransportSecurity(after, at);
  if (given.allowed_cidrs) refuseCidrs(loadBalancer, after, 'allowed_cidrs');
}

function refuseTakenPort({ listeners }: LoadBalancer, listener: Listener, place: string): void {
  const port = ({ protocol, protocol_port }: Listener) => `${transportOf(protocol)} ${protocol_port}`;
  const taken = listeners
    .slice(
      0,
      listeners.findIndex(({ id }) => id === listener.id),
    )
    .some((other) => port(other) === port(listener));
  if (taken) throw new Conflict(`${place}: ${listener.protocol_port} is taken by another listener`);
}

/** A pool whose protocol the listener cannot forward to. */
export function refusePoolOf(
  { pools }: LoadBalancer,
  { protocol }: Listener,
  poolId: string | undefined,
  place: string,
): void {
  if (poolId === undefined) return;
  if (protocol === 'PROMETHEUS') refuse(place, 'a PROMETHEUS listener has no pools');
  const pool = pools.find((entry) => entry.id === poolId);
  const allowed = POOLS_OF[protocol];
  if (pool && !allowed.includes(pool.protocol)) {
    refuse(place, `a listener of ${protocol} takes pools of ${allowed.join(', ')}; found ${pool.protocol}`);
  }
}

function refuseHeaders(listener: Listener, place: string): void {
  const headers = Object.keys(listener.insert_headers);
  if (headers.length === 0) return;
  if (!readsRequests(listener)) refuse(place, `a listener of ${listener.protocol} inserts no headers`);
  const ofTls = headers.find((header) => header.startsWith('X-SSL-'));
  if (ofTls && listener.protocol !== 'TERMINATED_HTTPS') {
    refuse(
      `${place}.${ofTls}`,
      `only TERMINATED_HTTPS listeners have it; this one is of ${listener.protocol}`,
    );
  }
}

function refuseReferences(listener: Listener, at: (field: string) => string): void {
  const { protocol, default_tls_container_ref, sni_container_refs, client_ca_tls_container_ref } = listener;
  const own = default_tls_container_ref !== undefined || sni_container_refs.length > 0;
  // An exporter may be served by TLS; without a certificate it is served in the clear.
  const canTerminate = protocol === 'TERMINATED_HTTPS' || protocol === 'PROMETHEUS';
  if (!canTerminate) {
    const found = (
      ['default_tls_container_ref', 'client_ca_tls_container_ref', 'client_crl_container_ref'] as const
    ).find((field) => listener[field] !== undefined);
    const field = found ?? (sni_container_refs.length > 0 ? 'sni_container_refs' : undefined);
    if (field) refuse(at(field), `only TERMINATED_HTTPS listeners have it; this one is of ${protocol}`);
  }
  const twice = sni_container_refs.find((reference, n) => sni_container_refs.indexOf(reference) < n);
  if (twice) throw new Conflict(`${at('sni_container_refs')}: names ${twice} twice`);
  if (!own && (protocol === 'TERMINATED_HTTPS' || client_ca_tls_container_ref)) {
    refuse(
      at('default_tls_container_ref'),
      `is missing; a ${protocol} listener needs a certificate with its key, e.g. file:PATH of a PEM`,
    );
  }
}

function refuseTransportSecurity(listener: Listener, at: (field: string) => string): void {
  const { protocol, hsts_max_age, hsts_include_subdomains, hsts_preload } = listener;
  if ((hsts_include_subdomains || hsts_preload) && hsts_max_age === undefined) {
    refuse(at('hsts_max_age'), 'is missing; hsts_include_subdomains and hsts_preload need it');
  }
  if (hsts_max_age !== undefined && protocol !== 'TERMINATED_HTTPS') {
    refuse(at('hsts_max_age'), `only TERMINATED_HTTPS listeners have it; this one is of ${protocol}`);
  }
}

function refuseCidrs(loadBalancer: LoadBalancer, { allowed_cidrs = [] }: Listener, place: string): void {
  if (allowed_cidrs.length > 0 && loadBalancer.vip_sg_ids?.length) {
    refuse(place, 'has no effect where the VIP has security groups of its own (vip_sg_ids)');
  }
  const versions = [loadBalancer.vip_address, ...loadBalancer.additional_vips.map((vip) => vip.ip_address)]
    .filter((vip) => vip !== undefined)
    .map(ipVersion);
  for (const [n, cidr] of allowed_cidrs.entries()) {
    if (versions.length > 0 && !versions.includes(ipVersion(cidr))) {
      refuse(`${place}[${n}]`, `no VIP is of the IP version of ${cidr}`);
    }
  }
}
