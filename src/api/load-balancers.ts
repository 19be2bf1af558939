import type { Controller } from '../controller/controller.ts';
import { parseNewLoadBalancer } from '../domain/api/parse.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import { objectsOf } from '../domain/objects.ts';
import { booleanFrom } from '../domain/schema/boolean.ts';
import { InvalidLoadBalancer, refuse } from '../domain/schema/invalid.ts';
import { enclosed, param, queried, type Route, refuseQueries } from './call.ts';
import { flavorOf, PROVIDERS } from './cloud.ts';
import { LOAD_BALANCER_COLUMNS } from './columns.ts';
import { chosen, listed } from './listing.ts';
import type { Quotas } from './quotas.ts';
import { counted, type StatisticsSource } from './statistics.ts';
import type { TlsCheck } from './tls-references.ts';
import { loadBalancerView, statusTree } from './views.ts';

/** /lbaas/loadbalancers (octavia/api/v2/controllers/load_balancer.py). */
export function loadBalancers(
  controller: Controller,
  route: Route,
  {
    quotas,
    statistics,
    checkTls,
  }: { readonly quotas: Quotas; readonly statistics: StatisticsSource; readonly checkTls: TlsCheck },
): void {
  const one = 'lbaas/loadbalancers/:id';
  const rowOf = (deployment: Deployment) => ({
    view: loadBalancerView(deployment),
    hidden: {
      topology: deployment.loadBalancer.topology,
      enabled: deployment.loadBalancer.admin_state_up,
    },
  });
  route('GET', 'lbaas/loadbalancers', 200, (call) =>
    listed(call, 'loadbalancers', controller.deployments.map(rowOf), LOAD_BALANCER_COLUMNS),
  );
  route('POST', 'lbaas/loadbalancers', 201, async (call) => {
    refuseQueries(call);
    const value = enclosed(call.body, 'loadbalancer');
    // Nothing is no flavor: upstream looks for one of that id.
    if (value.flavor_id === null) refuse('flavor_id', 'must be a UUID, or be left out; found null');
    const { project_id, ...given } = parseNewLoadBalancer(value);
    const loadBalancer = provided({
      ...given,
      project_id: project_id === '-' ? (call.projectId ?? '-') : project_id,
    });
    await checkTls({ planned: loadBalancer });
    quotas.claim(loadBalancer.project_id, { loadbalancer: 1, ...countsIn(loadBalancer) });
    return {
      loadbalancer: loadBalancerView(controller.acceptLoadBalancer(loadBalancer).deployment, { full: true }),
    };
  });
  route('GET', one, 200, (call) => ({
    loadbalancer: chosen(call, loadBalancerView(controller.deployment(param(call, 'id')))),
  }));
  route('PUT', one, 200, (call) => {
    refuseQueries(call);
    const value = enclosed(call.body, 'loadbalancer');
    return {
      loadbalancer: loadBalancerView(
        controller.acceptLoadBalancerUpdate(param(call, 'id'), value).deployment,
      ),
    };
  });
  route('DELETE', one, 204, (call) => {
    refuseQueries(call, ['cascade']);
    const { loadBalancer } = controller.deployment(param(call, 'id'));
    const cascade = booleanFrom(queried(call, 'cascade') ?? '') ?? false;
    if (!cascade && objectsOf(loadBalancer).length > 0) {
      throw new InvalidLoadBalancer(
        `Cannot delete Load Balancer ${loadBalancer.id} - it has children; ?cascade=true deletes them too`,
      );
    }
    controller.acceptLoadBalancerDeletion(loadBalancer.id);
  });
  for (const name of ['status', 'statuses']) {
    route('GET', `${one}/${name}`, 200, (call) => {
      refuseQueries(call);
      return { statuses: statusTree(controller.deployment(param(call, 'id'))) };
    });
  }
  route('GET', `${one}/stats`, 200, (call) => {
    refuseQueries(call);
    const deployment = controller.deployment(param(call, 'id'));
    const listeners = deployment.loadBalancer.listeners.map(({ id }) => id);
    return { stats: counted(statistics, deployment, listeners) };
  });
  route('PUT', `${one}/failover`, 202, (call) => {
    refuseQueries(call);
    controller.acceptLoadBalancerFailover(param(call, 'id'));
  });
}

/** With what its flavor says, and of a provider that is there. */
function provided(loadBalancer: LoadBalancer): LoadBalancer {
  const { provider, flavor_id } = loadBalancer;
  if (provider && !(provider in PROVIDERS)) {
    refuse('provider', `must be one of ${Object.keys(PROVIDERS).join(', ')}; found ${provider}`);
  }
  const flavor = flavorOf(flavor_id);
  return flavor ? { ...loadBalancer, topology: flavor.topology } : loadBalancer;
}

function countsIn({ listeners, pools }: LoadBalancer) {
  const policies = listeners.flatMap((listener) => listener.l7policies);
  return {
    listener: listeners.length,
    pool: pools.length,
    member: pools.flatMap((pool) => pool.members).length,
    healthmonitor: pools.filter((pool) => pool.healthmonitor).length,
    l7policy: policies.length,
    l7rule: policies.flatMap((policy) => policy.rules).length,
  };
}
