import type { Amphora } from '../domain/amphora.ts';
import type { Listener, LoadBalancer } from '../domain/load-balancer.ts';
import { servedByHaproxy } from '../domain/protocol.ts';
import type { Settings } from '../domain/settings.ts';
import { PEERS_PORT, peersPorts, renderHaproxy } from '../templates/haproxy/configuration.ts';
import { hasCertificates } from '../templates/haproxy/tls.ts';
import { PATHS } from '../templates/paths.ts';
import { peerName } from '../templates/peer-name.ts';

/** Versions of the agent's API: 1.0 has one HAProxy for a load balancer, 0.5 (Rocky) one for each listener. */
export type ApiVersion = '1.0' | '0.5';

/** Paths of the agent's API that differ between its versions. */
export function haproxyRoutes(version: ApiVersion) {
  const collection = version === '0.5' ? 'listeners' : 'loadbalancer';
  return {
    configuration: (amphoraId: string, id: string) => `${collection}/${amphoraId}/${id}/haproxy`,
    action: (id: string, action: string) => `${collection}/${id}/${action}`,
    certificate: (id: string, file: string) => `${collection}/${id}/certificates/${file}`,
  };
}

/** A HAProxy process in an amphora: its id names its unit, its folder and its socket. */
export interface HaproxyProcess {
  readonly id: string;
  readonly listeners: readonly Listener[];
  readonly peersPort: number;
}

/** A load balancer with what its configuration is rendered from. */
export interface ServedLoadBalancer {
  readonly loadBalancer: LoadBalancer;
  readonly vipAddress: string;
  /** Each other's peers. */
  readonly amphorae: readonly Amphora[];
  readonly settings: Settings;
}

export function processesOf(loadBalancer: LoadBalancer, version: ApiVersion): readonly HaproxyProcess[] {
  const { id } = loadBalancer;
  // UDP and SCTP listeners are keepalived's.
  const listeners = loadBalancer.listeners.filter(servedByHaproxy);
  const ports = peersPorts(loadBalancer, version === '0.5');
  const processes =
    version === '0.5'
      ? listeners.map((listener) => ({ id: listener.id, listeners: [listener] }))
      : [{ id, listeners }].filter(() => listeners.length > 0);
  return processes.map((process, n) => ({ ...process, peersPort: ports[n] ?? PEERS_PORT }));
}

/** haproxy.cfg of a process. */
export function renderProcess(
  served: ServedLoadBalancer,
  { id, listeners, peersPort }: HaproxyProcess,
): string {
  return renderHaproxy({
    ...served,
    id,
    listeners,
    peersPort,
    certificatePath: (reference) => certificatePath(id, reference),
  });
}

/** A file of TLS material that a process reads: a secret, or a list of certificates. */
export type TlsFile =
  | { readonly file: string; readonly reference: string }
  | { readonly file: string; readonly content: string };

/** The TLS material of a process, under digests of the secrets' references. */
export function tlsFiles({ pools }: LoadBalancer, { id, listeners }: HaproxyProcess): readonly TlsFile[] {
  const reached = new Set(
    listeners.flatMap((listener) => [
      listener.default_pool_id,
      ...listener.l7policies.map((policy) => policy.redirect_pool_id),
    ]),
  );
  const references = [
    ...listeners.flatMap((listener) => [
      listener.default_tls_container_ref,
      ...listener.sni_container_refs,
      listener.client_ca_tls_container_ref,
      listener.client_crl_container_ref,
    ]),
    ...pools
      .filter((pool) => reached.has(pool.id))
      .flatMap((pool) => [pool.tls_container_ref, pool.ca_tls_container_ref, pool.crl_container_ref]),
  ].filter((reference) => reference != null);
  const lists = listeners.filter(hasCertificates).map((listener) => ({
    file: `${listener.id}.pem`,
    content: [listener.default_tls_container_ref, ...listener.sni_container_refs]
      .filter((reference) => reference != null)
      .map((reference) => `${certificatePath(id, reference)}\n`)
      .join(''),
  }));
  return [
    ...[...new Set(references)].map((reference) => ({ file: certificateFile(reference), reference })),
    ...lists,
  ];
}

function certificatePath(processId: string, reference: string): string {
  return `${PATHS.certificates(processId)}/${certificateFile(reference)}`;
}

function certificateFile(reference: string): string {
  return `${peerName(reference)}.pem`;
}
