import type { Controller } from '../controller/controller.ts';
import type { Deployment } from '../domain/deployment.ts';
import { NotFound } from '../domain/objects.ts';
import { param, type Route, refuseQueries } from './call.ts';
import { AMPHORA_COLUMNS } from './columns.ts';
import { chosen, listed } from './listing.ts';
import { NotImplemented } from './not-implemented.ts';
import type { StatisticsSource } from './statistics.ts';
import { amphoraeViews, type View } from './views.ts';

/** /octavia/amphorae (octavia/api/v2/controllers/amphora.py). */
export function amphorae(controller: Controller, route: Route, statistics: StatisticsSource): void {
  const one = 'octavia/amphorae/:id';
  const all = () =>
    controller.deployments.flatMap((deployment) =>
      amphoraeViews(deployment).map((view) => ({
        view,
        deployment,
        hidden: {
          load_balancer_id: deployment.loadBalancer.id,
          project_id: deployment.loadBalancer.project_id,
        },
      })),
    );
  const found = (id: string): { readonly view: View; readonly deployment: Deployment } => {
    const row = all().find(({ view }) => view.id === id);
    if (!row) throw new NotFound(`There is no amphora ${id}.`);
    return row;
  };
  route('GET', 'octavia/amphorae', 200, (call) => listed(call, 'amphorae', all(), AMPHORA_COLUMNS));
  route('GET', one, 200, (call) => ({ amphora: chosen(call, found(param(call, 'id')).view) }));
  route('PUT', `${one}/failover`, 202, (call) => {
    refuseQueries(call);
    controller.acceptAmphoraFailover(found(param(call, 'id')).view.id as string);
  });
  route('GET', `${one}/stats`, 200, (call) => {
    refuseQueries(call);
    const { view, deployment } = found(param(call, 'id'));
    const loadbalancer_id = deployment.loadBalancer.id;
    const amphora_stats = [...statistics.ofAmphora(String(view.id))].map(([listener_id, counters]) => ({
      ...counters,
      ...{ id: view.id, listener_id, loadbalancer_id },
    }));
    if (amphora_stats.length === 0) throw new NotFound(`Amphora ${view.id} has told of no listener so far.`);
    return { amphora_stats };
  });
  route('PUT', `${one}/config`, 202, (call) => {
    refuseQueries(call);
    controller.acceptAmphoraConfiguration(found(param(call, 'id')).view.id as string);
  });
  route('DELETE', one, 204, (call) => {
    const { view } = found(param(call, 'id'));
    throw new NotImplemented(
      `Amphora ${view.id} serves load balancer ${view.loadbalancer_id}: fail it over; this controller has no spare ones to delete.`,
    );
  });
}
