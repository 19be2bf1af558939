import type { Controller } from '../controller/controller.ts';
import type { Deployment } from '../domain/deployment.ts';
import { type Located, NotFound, type ObjectKind, objectsOf } from '../domain/objects.ts';
import type { Change } from '../domain/planned-change.ts';
import { booleanFrom } from '../domain/schema/boolean.ts';
import { uuid } from '../domain/schema/field.ts';
import { InvalidLoadBalancer, refuse } from '../domain/schema/invalid.ts';
import { isObject, type Json } from '../domain/schema/requests.ts';
import { type Call, enclosed, param, queried, type Route, refuseQueries } from './call.ts';
import { COLUMNS } from './columns.ts';
import { chosen, listed, type Row } from './listing.ts';
import type { Quotas } from './quotas.ts';
import { counted, type StatisticsSource } from './statistics.ts';
import type { TlsCheck } from './tls-references.ts';
import { objectView, type View } from './views.ts';

/** Where objects have collections of their own: their names there, and which field names what holds them. */
const COLLECTIONS = [
  { path: 'listeners', kind: 'listener', holders: ['loadbalancer_id'] },
  { path: 'pools', kind: 'pool', holders: ['loadbalancer_id', 'listener_id'] },
  { path: 'healthmonitors', kind: 'healthmonitor', holders: ['pool_id'] },
  { path: 'l7policies', kind: 'l7policy', holders: ['listener_id'] },
] as const;
/** Where they stand in the collection of what holds them. */
const NESTED = [
  { path: 'pools/:parent/members', holder: 'pool', kind: 'member', name: 'member' },
  { path: 'l7policies/:parent/rules', holder: 'l7policy', kind: 'l7rule', name: 'rule' },
] as const;

interface Parts {
  readonly controller: Controller;
  readonly route: Route;
  readonly quotas: Quotas;
  readonly checkTls: TlsCheck;
}

/** /lbaas/listeners, pools, healthmonitors, l7policies, and members and rules below them. */
export function objects(parts: Parts & { readonly statistics: StatisticsSource }): void {
  for (const collection of COLLECTIONS) collected(parts, collection);
  for (const collection of NESTED) nested(parts, collection);
  const { controller, route, statistics } = parts;
  route('GET', 'lbaas/listeners/:id/stats', 200, (call) => {
    refuseQueries(call);
    const { deployment, id } = found(controller, call, { kind: 'listener', name: 'listener' });
    return { stats: counted(statistics, deployment, [id]) };
  });
  route('PUT', 'lbaas/pools/:parent/members', 202, (call) => replaceMembers(parts, call));
}

function collected(parts: Parts, { path, kind, holders }: (typeof COLLECTIONS)[number]): void {
  const { controller, route } = parts;
  route('GET', `lbaas/${path}`, 200, (call) =>
    listed(
      call,
      path,
      controller.deployments.flatMap((deployment) => rowsOf(deployment, kind)),
      COLUMNS[kind],
    ),
  );
  route('POST', `lbaas/${path}`, 201, (call) => {
    refuseQueries(call);
    const value = enclosed(call.body, kind);
    const field = holders.find((name) => value[name] !== undefined && value[name] !== null);
    if (!field) {
      throw new InvalidLoadBalancer(`${kind}: must name what it belongs to by ${holders.join(' or ')}`);
    }
    const holder = uuid.read(value[field]);
    if (!holder) refuse(field, `${uuid.allowed}; found ${JSON.stringify(value[field])}`);
    const { loadBalancer } = holding(controller, holder, field);
    const parent = kind === 'pool' ? loadBalancer.id : holder;
    return created(parts, { action: 'create', object: kind, parent, value }, kind);
  });
  single(parts, { path: `lbaas/${path}/:id`, kind, name: kind });
}

function nested(parts: Parts, { path, holder, kind, name }: (typeof NESTED)[number]): void {
  const { controller, route } = parts;
  route('GET', `lbaas/${path}`, 200, (call) => {
    const parent = param(call, 'parent');
    const { deployment } = found(controller, call, { kind: holder, name: holder }, parent);
    const rows = rowsOf(deployment, kind).filter(({ parents }) => parents[0] === parent);
    return listed(call, `${name}s`, rows, COLUMNS[kind]);
  });
  route('POST', `lbaas/${path}`, 201, (call) => {
    refuseQueries(call);
    const parent = param(call, 'parent');
    found(controller, call, { kind: holder, name: holder }, parent);
    const value = enclosed(call.body, name);
    return created(parts, { action: 'create', object: kind, parent, value }, name);
  });
  single(parts, { path: `lbaas/${path}/:id`, kind, name });
}

/** GET, PUT and DELETE of one object. */
function single(
  { controller, route, checkTls }: Parts,
  { path, kind, name }: { readonly path: string; readonly kind: ObjectKind; readonly name: string },
): void {
  route('GET', path, 200, (call) => {
    const { id, deployment } = found(controller, call, { kind, name });
    return { [name]: chosen(call, objectView(deployment, id)) };
  });
  route('PUT', path, 200, async (call) => {
    refuseQueries(call);
    const { id } = found(controller, call, { kind, name });
    const change: Change = { action: 'update', id, value: enclosed(call.body, name) };
    if (hasTls(kind)) await checkTls(controller.plan(change));
    const { deployment } = controller.accept(change);
    return { [name]: objectView(deployment, id) };
  });
  route('DELETE', path, 204, (call) => {
    refuseQueries(call);
    controller.accept({ action: 'delete', id: found(controller, call, { kind, name }).id });
  });
}

function replaceMembers({ controller, quotas }: Parts, call: Call): void {
  refuseQueries(call, ['additive_only']);
  const pool = param(call, 'parent');
  const { deployment } = found(controller, call, { kind: 'pool', name: 'pool' }, pool);
  const { body } = call;
  const value = isObject(body) ? body.members : undefined;
  if (!isObject(body) || !Array.isArray(value)) {
    throw new InvalidLoadBalancer('members: must be a list of members');
  }
  const other = Object.keys(body).find((key) => key !== 'members');
  if (other) refuse(other, 'there is no such field; the body is {"members": […]}');
  const additive = booleanFrom(queried(call, 'additive_only') ?? '') ?? false;
  const before = deployment.loadBalancer.pools.find(({ id }) => id === pool)?.members ?? [];
  const more = value.filter(
    (entry) =>
      !before.some(
        (member) =>
          member.address === entry?.address && member.protocol_port === Number(entry?.protocol_port),
      ),
  ).length;
  const less = additive ? 0 : before.length + more - value.length;
  quotas.claim(deployment.loadBalancer.project_id, { member: Math.max(0, more - less) });
  controller.accept({ action: 'replace members', pool, value, additive });
}

/** An object of that kind by its id in the path, within the one that the path names, if any. */
function found(
  controller: Controller,
  call: Call,
  { kind, name }: { readonly kind: ObjectKind; readonly name: string },
  id = param(call, 'id'),
): { readonly id: string; readonly deployment: Deployment } {
  const missing = new NotFound(`There is no ${name} ${id}.`);
  const deployment = controller.deployments.find(({ loadBalancer }) =>
    objectsOf(loadBalancer).some((known) => known.id === id && known.kind === kind),
  );
  if (!deployment) throw missing;
  const object = objectsOf(deployment.loadBalancer).find((known) => known.id === id);
  const { parent } = call.params;
  if (parent !== undefined && parent !== id && object?.parents[0] !== parent) throw missing;
  return { id, deployment };
}

function holding(controller: Controller, id: string, field: string): Deployment {
  const kind = field.replace(/_id$/, '');
  const deployment = controller.deployments.find(({ loadBalancer }) =>
    kind === 'loadbalancer'
      ? loadBalancer.id === id
      : objectsOf(loadBalancer).some((known) => known.id === id && known.kind === kind),
  );
  if (!deployment) throw new NotFound(`There is no ${kind} ${id}.`);
  return deployment;
}

/** All objects of a kind, with what else they can be looked for by. */
function rowsOf(deployment: Deployment, kind: ObjectKind): readonly (Row & Located)[] {
  return objectsOf(deployment.loadBalancer)
    .filter((object) => object.kind === kind)
    .map((object) => {
      const view = objectView(deployment, object.id);
      return { ...object, view, hidden: hiddenOf(deployment, object, view) };
    });
}

function hiddenOf({ loadBalancer }: Deployment, { parents }: Located, view: View): Json {
  return {
    enabled: view.admin_state_up,
    ip_address: view.address,
    loadbalancer_id: loadBalancer.id,
    load_balancer_id: loadBalancer.id,
    pool_id: parents[0],
    rise_threshold: view.max_retries,
    fall_threshold: view.max_retries_down,
    tls_certificate_id: view.default_tls_container_ref ?? view.tls_container_ref,
    ca_tls_certificate_id: view.ca_tls_container_ref,
    crl_container_id: view.crl_container_ref,
    client_ca_tls_certificate_id: view.client_ca_tls_container_ref,
    client_crl_container_id: view.client_crl_container_ref,
    l7policy_id: parents[0],
  };
}

async function created(
  { controller, quotas, checkTls }: Parts,
  change: Extract<Change, { readonly action: 'create' }>,
  name: string,
): Promise<Json> {
  if (hasTls(change.object)) await checkTls(controller.plan(change));
  const { project_id } = controller.holding(change.parent).loadBalancer;
  quotas.claim(project_id, { [change.object]: 1 });
  const { deployment, created: [id = ''] = [] } = controller.accept(change);
  return { [name]: objectView(deployment, id) };
}

function hasTls(kind: ObjectKind): boolean {
  return kind === 'listener' || kind === 'pool';
}
