import fastify, { type FastifyInstance } from 'fastify';
import { type Change, identified, NotFound } from '../controller/change.ts';
import { AlreadyThere, type Controller, Immutable } from '../controller/controller.ts';
import type { Deployment } from '../controller/deployment.ts';
import { type ObjectKind, objectsOf } from '../controller/objects.ts';
import { InvalidLoadBalancer } from '../domain/api/invalid.ts';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import { amphoraeViews, loadBalancerView, objectView, statusTree } from './views.ts';

/** Where objects have collections of their own: their names there, and which field names what holds them. */
const COLLECTIONS = [
  { path: 'listeners', kind: 'listener', holders: ['loadbalancer_id'] },
  { path: 'pools', kind: 'pool', holders: ['loadbalancer_id', 'listener_id'] },
  { path: 'healthmonitors', kind: 'healthmonitor', holders: ['pool_id'] },
  { path: 'l7policies', kind: 'l7policy', holders: ['listener_id'] },
] as const;
/** Where they stand in the collection of what holds them. */
const NESTED = [
  { path: 'pools/:parent/members', kind: 'member', name: 'member' },
  { path: 'l7policies/:parent/rules', kind: 'l7rule', name: 'rule' },
] as const;

type Json = Readonly<Record<string, unknown>>;
interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * Octavia's API v2 as far as load balancers and what stands in them go, under /v2/lbaas and /v2.0/lbaas. Whoever
 * reaches it may use it: there is no Keystone. Changes are answered when they have been accepted; their flows
 * run on, and the statuses tell how they ended.
 */
export function octaviaApi(controller: Controller): FastifyInstance {
  const app = fastify();
  app.setErrorHandler((error: Error, _request, reply) => {
    reply.code(statusOf(error)).send(fault(statusOf(error), error.message));
  });
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send(fault(404, `There is no ${request.method} ${request.url}.`));
  });
  const route = (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    status: number,
    answer: (call: Call) => unknown,
  ) => {
    for (const prefix of ['/v2', '/v2.0']) {
      app.route({
        method,
        url: `${prefix}/${path}`,
        handler: async (request, reply) => {
          const body = answer(request as unknown as Call);
          return reply.code(status).send(body);
        },
      });
    }
  };
  loadBalancers(controller, route);
  for (const collection of COLLECTIONS) objects(controller, route, collection);
  for (const collection of NESTED) nested(controller, route, collection);
  route('PUT', 'lbaas/pools/:parent/members', 202, ({ params, query, body }) => {
    const value = (body as { members?: unknown } | null)?.members;
    if (!Array.isArray(value)) throw new InvalidLoadBalancer('members: must be a list of members');
    const additive = query.additive_only === 'true';
    controller.accept({ action: 'replace members', pool: param(params, 'parent'), value, additive });
  });
  amphorae(controller, route);
  return app;
}

type Route = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  status: number,
  answer: (call: Call) => unknown,
) => void;

function loadBalancers(controller: Controller, route: Route): void {
  const view = (deployment: Deployment) => ({ loadbalancer: loadBalancerView(deployment) });
  const one = 'lbaas/loadbalancers/:id';
  route('GET', 'lbaas/loadbalancers', 200, () => ({
    loadbalancers: controller.deployments.map(loadBalancerView),
  }));
  route('POST', 'lbaas/loadbalancers', 201, ({ body }) =>
    view(
      controller.acceptLoadBalancer(parseLoadBalancer(identified(enclosed(body, 'loadbalancer')))).deployment,
    ),
  );
  route('GET', one, 200, ({ params }) => view(controller.deployment(param(params, 'id'))));
  route('PUT', one, 200, ({ params, body }) =>
    view(controller.acceptLoadBalancerUpdate(param(params, 'id'), enclosed(body, 'loadbalancer')).deployment),
  );
  route('DELETE', one, 204, ({ params, query }) => {
    const { loadBalancer } = controller.deployment(param(params, 'id'));
    if (query.cascade !== 'true' && objectsOf(loadBalancer).length > 0) {
      throw new InvalidLoadBalancer(
        `Cannot delete Load Balancer ${loadBalancer.id} - it has children; ?cascade=true deletes them too`,
      );
    }
    controller.acceptLoadBalancerDeletion(loadBalancer.id);
  });
  for (const name of ['status', 'statuses']) {
    route('GET', `${one}/${name}`, 200, ({ params }) => ({
      statuses: statusTree(controller.deployment(param(params, 'id'))),
    }));
  }
  route('PUT', `${one}/failover`, 202, ({ params }) => {
    controller.acceptLoadBalancerFailover(param(params, 'id'));
  });
}

function objects(
  controller: Controller,
  route: Route,
  { path, kind, holders }: (typeof COLLECTIONS)[number],
): void {
  route('GET', `lbaas/${path}`, 200, () => ({
    [path]: controller.deployments.flatMap((deployment) =>
      objectsOf(deployment.loadBalancer)
        .filter((object) => object.kind === kind)
        .map((object) => objectView(deployment, object.id)),
    ),
  }));
  route('POST', `lbaas/${path}`, 201, ({ body }) => {
    const { loadbalancer_id, ...value } = enclosed(body, kind);
    const given: Json = { ...value, loadbalancer_id };
    const holder = holders.map((field) => given[field]).find((id) => id !== undefined);
    if (typeof holder !== 'string') {
      throw new InvalidLoadBalancer(`${kind}: must name what it belongs to by ${holders.join(' or ')}`);
    }
    const parent = kind === 'pool' ? controller.holding(holder).loadBalancer.id : holder;
    return created(controller, { action: 'create', object: kind, parent, value }, kind);
  });
  single(controller, route, { path: `lbaas/${path}/:id`, kind, name: kind });
}

function nested(controller: Controller, route: Route, { path, kind, name }: (typeof NESTED)[number]): void {
  route('GET', `lbaas/${path}`, 200, ({ params }) => {
    const parent = param(params, 'parent');
    const deployment = controller.holding(parent);
    return {
      [`${name}s`]: objectsOf(deployment.loadBalancer)
        .filter((object) => object.kind === kind && object.parents[0] === parent)
        .map((object) => objectView(deployment, object.id)),
    };
  });
  route('POST', `lbaas/${path}`, 201, ({ params, body }) =>
    created(
      controller,
      { action: 'create', object: kind, parent: param(params, 'parent'), value: enclosed(body, name) },
      name,
    ),
  );
  single(controller, route, { path: `lbaas/${path}/:id`, kind, name });
}

/** GET, PUT and DELETE of one object. */
function single(
  controller: Controller,
  route: Route,
  { path, kind, name }: { readonly path: string; readonly kind: ObjectKind; readonly name: string },
): void {
  const found = (params: Call['params']) => {
    const id = param(params, 'id');
    const deployment = controller.holding(id);
    const object = objectsOf(deployment.loadBalancer).find((known) => known.id === id);
    const { parent } = params;
    if (object?.kind !== kind || (parent && object.parents[0] !== parent)) {
      throw new NotFound(`There is no ${name} ${id}.`);
    }
    return { id, deployment };
  };
  route('GET', path, 200, ({ params }) => {
    const { id, deployment } = found(params);
    return { [name]: objectView(deployment, id) };
  });
  route('PUT', path, 200, ({ params, body }) => {
    const { id } = found(params);
    const { deployment } = controller.accept({ action: 'update', id, value: enclosed(body, name) });
    return { [name]: objectView(deployment, id) };
  });
  route('DELETE', path, 204, ({ params }) => {
    controller.accept({ action: 'delete', id: found(params).id });
  });
}

function amphorae(controller: Controller, route: Route): void {
  const views = () => controller.deployments.flatMap(amphoraeViews);
  route('GET', 'octavia/amphorae', 200, ({ query }) => ({
    amphorae: views().filter(
      (view) => !query.loadbalancer_id || view.loadbalancer_id === query.loadbalancer_id,
    ),
  }));
  route('GET', 'octavia/amphorae/:id', 200, ({ params }) => {
    const amphora = views().find(({ id }) => id === params.id);
    if (!amphora) throw new NotFound(`There is no amphora ${params.id}.`);
    return { amphora };
  });
  route('PUT', 'octavia/amphorae/:id/failover', 202, ({ params }) => {
    controller.acceptAmphoraFailover(param(params, 'id'));
  });
}

function created(controller: Controller, change: Change, name: string): Json {
  const { deployment, created: [id = ''] = [] } = controller.accept(change);
  return { [name]: objectView(deployment, id) };
}

/** The object in a body, which the API encloses in its name. */
function enclosed(body: unknown, name: string): Json {
  const value = (body as Json | null | undefined)?.[name];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new InvalidLoadBalancer(`the body must be {"${name}": {…}}`);
  }
  return value as Json;
}

function param(params: Call['params'], name: string): string {
  return params[name] ?? '';
}

function statusOf(error: Error & { readonly statusCode?: number }): number {
  if (error instanceof InvalidLoadBalancer) return 400;
  if (error instanceof NotFound) return 404;
  if (error instanceof Immutable || error instanceof AlreadyThere) return 409;
  return error.statusCode ?? 500;
}

/** An error as WSME puts it (wsme/api.py). */
function fault(status: number, faultstring: string): Json {
  return { faultcode: status < 500 ? 'Client' : 'Server', faultstring, debuginfo: null };
}
