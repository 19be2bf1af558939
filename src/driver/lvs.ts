import type { Amphora } from '../domain/amphora.ts';
import type { Listener, LoadBalancer } from '../domain/load-balancer.ts';
import { servedByHaproxy } from '../domain/protocol.ts';
import { type ApiVersion, haproxyRoutes, type ServedLoadBalancer } from './haproxy-process.ts';
import type { Renderers } from './renderers.ts';

/** One call of an agent's API, its version's prefix left out. */
export interface LvsCall {
  readonly method: 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: string;
}

/** UDP and SCTP listeners, which keepalived serves by IPVS. */
function lvsListeners({ listeners }: Pick<LoadBalancer, 'listeners'>): readonly Listener[] {
  return listeners.filter((listener) => !servedByHaproxy(listener));
}

/**
 * What brings an amphora's UDP and SCTP listeners to what is wanted: each has a configuration and a process of its
 * own (octavia/amphorae/drivers/haproxy/rest_api_driver.py, update_amphora_listeners and delete).
 */
export async function lvsUpdate(
  renderers: Pick<Renderers, 'lvs'>,
  amphora: Amphora,
  { loadBalancer, vipAddress }: Pick<ServedLoadBalancer, 'loadBalancer' | 'vipAddress'>,
  before: LoadBalancer,
  version: ApiVersion,
): Promise<readonly LvsCall[]> {
  const wanted = lvsListeners(loadBalancer);
  const gone = lvsListeners(before).filter(({ id }) => !wanted.some((listener) => listener.id === id));
  const updates = wanted.map(
    async (listener): Promise<LvsCall[]> => [
      {
        method: 'PUT',
        path: `listeners/${amphora.id}/${listener.id}/udp_listener`,
        body: await renderers.lvs({ loadBalancer, listener, vipAddress }),
      },
      { method: 'PUT', path: haproxyRoutes(version).action(listener.id, 'reload') },
    ],
  );
  return [
    ...gone.map(({ id }): LvsCall => ({ method: 'DELETE', path: `listeners/${id}` })),
    ...(await Promise.all(updates)).flat(),
  ];
}

/** Starts them all. */
export function lvsStart(loadBalancer: LoadBalancer, version: ApiVersion): readonly LvsCall[] {
  return lvsListeners(loadBalancer).map(({ id }) => ({
    method: 'PUT',
    path: haproxyRoutes(version).action(id, 'start'),
  }));
}
