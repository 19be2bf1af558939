import { randomUUID } from 'node:crypto';
import { InvalidLoadBalancer } from '../domain/api/invalid.ts';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import { locate, type ObjectKind, objectsOf, without } from './objects.ts';

/** A change of a load balancer's objects, as a client of Octavia's API v2 asks for it. */
export type Change =
  | {
      readonly action: 'create';
      readonly object: ObjectKind;
      /** The object it belongs to: the load balancer, or a pool, listener or policy. */
      readonly parent: string;
      readonly value: unknown;
    }
  | { readonly action: 'update'; readonly id: string; readonly value: unknown }
  | { readonly action: 'delete'; readonly id: string }
  | {
      /** The members of a pool become these, as PUT /pools/{id}/members has it; `additive` leaves the others. */
      readonly action: 'replace members';
      readonly pool: string;
      readonly value: readonly unknown[];
      readonly additive?: boolean;
    };

/** What a change comes to, before anything has been done for it. */
export interface PlannedChange {
  readonly action: 'create' | 'update' | 'delete' | 'batch';
  readonly object: ObjectKind;
  /** As it is to be; what is to be deleted is still in it. */
  readonly loadBalancer: LoadBalancer;
  readonly created: readonly string[];
  readonly updated: readonly string[];
  /** With all that stands in them. */
  readonly deleted: readonly string[];
  /** Objects that are pending meanwhile although they stay as they are. */
  readonly parents: readonly string[];
}

/** There is no object of that id. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** What cannot be changed while the object lives (octavia/api/v2/types: absent from the PUT types). */
const FIXED: Readonly<Record<ObjectKind, readonly string[]>> = {
  listener: ['protocol', 'protocol_port'],
  pool: ['protocol'],
  member: ['address', 'protocol_port'],
  healthmonitor: ['type'],
  l7policy: [],
  l7rule: [],
};

/** Where objects stand in the API's JSON; those that stand alone, and those in lists. */
const CHILDREN = [
  'listeners',
  'pools',
  'default_pool',
  'l7policies',
  'redirect_pool',
  'rules',
  'members',
  'healthmonitor',
] as const;

type Json = Record<string, unknown>;

/**
 * What a change would make of a load balancer.
 *
 * @throws InvalidLoadBalancer when it would not be valid
 * @throws NotFound
 */
export function planChange(loadBalancer: LoadBalancer, change: Change): PlannedChange {
  switch (change.action) {
    case 'create':
      return planCreation(loadBalancer, change);
    case 'update':
      return planUpdate(loadBalancer, change.id, change.value);
    case 'delete':
      return planDeletion(loadBalancer, change.id);
    case 'replace members':
      return planMembers(loadBalancer, change);
  }
}

/** The API's JSON of a load balancer; {@link parseLoadBalancer} reads it back as it was. */
export function toJson({ subnet, ...rest }: LoadBalancer): Json {
  return structuredClone({ ...rest, ...subnet }) as Json;
}

/** The JSON with an id for every object that has none, those within it too. */
export function identified(value: unknown): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new InvalidLoadBalancer(`${JSON.stringify(value)} is no object`);
  }
  const given = value as Json;
  // A pool given by its name or id alone is a reference.
  const reference = Object.keys(given).length === 1 && ('name' in given || 'id' in given);
  const own: Json = reference ? { ...given } : { ...given, id: given.id ?? randomUUID() };
  for (const child of CHILDREN) {
    const inner = own[child];
    if (Array.isArray(inner)) own[child] = inner.map(identified);
    else if (inner !== null && inner !== undefined) own[child] = identified(inner);
  }
  return own;
}

function planCreation(
  loadBalancer: LoadBalancer,
  { object, parent, value }: Extract<Change, { action: 'create' }>,
): PlannedChange {
  const json = toJson(loadBalancer);
  const added = identified(value);
  const id = String(added.id);
  switch (object) {
    case 'listener':
      list(json, 'listeners').push(added);
      break;
    case 'pool': {
      // In the API a pool may name the listener whose default it becomes.
      const { listener_id: listenerId, ...pool } = added;
      list(json, 'pools').push(pool);
      if (listenerId != null) find(json, 'listener', String(listenerId)).default_pool_id = id;
      break;
    }
    case 'member':
      list(find(json, 'pool', parent), 'members').push(added);
      break;
    case 'healthmonitor': {
      const pool = find(json, 'pool', parent);
      if (pool.healthmonitor) throw new InvalidLoadBalancer(`pool ${parent} has a health monitor already`);
      pool.healthmonitor = added;
      break;
    }
    case 'l7policy':
      insert(list(find(json, 'listener', parent), 'l7policies'), added);
      break;
    case 'l7rule':
      list(find(json, 'l7policy', parent), 'rules').push(added);
      break;
  }
  const planned = parseLoadBalancer(json);
  const before = new Set(objectsOf(loadBalancer).map((entry) => entry.id));
  return {
    action: 'create',
    object,
    loadBalancer: planned,
    created: [
      id,
      ...objectsOf(planned)
        .map((entry) => entry.id)
        .filter((entry) => entry !== id && !before.has(entry)),
    ],
    updated: [],
    deleted: [],
    parents: (locate(planned, id)?.parents ?? []).filter((entry) => before.has(entry)),
  };
}

function planUpdate(loadBalancer: LoadBalancer, id: string, value: unknown): PlannedChange {
  const located = required(loadBalancer, id);
  const json = toJson(loadBalancer);
  const target = find(json, located.kind, id);
  const asked = identified({ ...(value as object), id });
  for (const field of FIXED[located.kind]) {
    if (field in asked && asked[field] !== target[field]) {
      throw new InvalidLoadBalancer(
        `${field}: it is ${target[field]} for as long as the ${located.kind} lives`,
      );
    }
  }
  // By whichever of the two names the pool is given, the other must not contradict it.
  if ('default_pool' in asked) delete target.default_pool_id;
  if ('redirect_pool' in asked) delete target.redirect_pool_id;
  const moved = located.kind === 'l7policy' && 'position' in asked;
  Object.assign(target, asked);
  if (moved) {
    const policies = list(find(json, 'listener', located.parents[0] ?? ''), 'l7policies');
    policies.splice(policies.indexOf(target), 1);
    insert(policies, target);
  }
  const planned = parseLoadBalancer(json);
  return {
    action: 'update',
    object: located.kind,
    loadBalancer: planned,
    created: [],
    updated: [id],
    deleted: [],
    parents: located.parents,
  };
}

function planDeletion(loadBalancer: LoadBalancer, id: string): PlannedChange {
  const { kind, parents } = required(loadBalancer, id);
  const policies = loadBalancer.listeners.flatMap((listener) => listener.l7policies);
  const user = kind === 'pool' && policies.find((policy) => policy.redirect_pool_id === id);
  if (user) throw new InvalidLoadBalancer(`pool ${id} is in use by L7 policy ${user.id}`);
  const left = new Set(objectsOf(without(loadBalancer, [id])).map((entry) => entry.id));
  const deleted = objectsOf(loadBalancer)
    .map((entry) => entry.id)
    .filter((entry) => !left.has(entry));
  return { action: 'delete', object: kind, loadBalancer, created: [], updated: [], deleted, parents };
}

function planMembers(
  loadBalancer: LoadBalancer,
  { pool: poolId, value, additive }: Extract<Change, { action: 'replace members' }>,
): PlannedChange {
  const { parents } = required(loadBalancer, poolId);
  const json = toJson(loadBalancer);
  const members = list(find(json, 'pool', poolId), 'members');
  const updated: string[] = [];
  const created: string[] = [];
  for (const asked of value) {
    // A member is known by where it listens (octavia/api/v2/controllers/member.py).
    const { id, ...given } = identified(asked);
    const known = members.find(
      (member) => member.address === given.address && member.protocol_port === given.protocol_port,
    );
    if (known) Object.assign(known, given);
    else members.push({ id, ...given });
    (known ? updated : created).push(String(known?.id ?? id));
  }
  const deleted = additive
    ? []
    : members.map(({ id }) => String(id)).filter((id) => !updated.includes(id) && !created.includes(id));
  return {
    action: 'batch',
    object: 'member',
    loadBalancer: parseLoadBalancer(json),
    created,
    updated,
    deleted,
    parents: [poolId, ...parents],
  };
}

function required(loadBalancer: LoadBalancer, id: string) {
  const located = locate(loadBalancer, id);
  if (!located) throw new NotFound(`There is no object ${id} in load balancer ${loadBalancer.id}.`);
  return located;
}

function list(parent: Json, name: string): Json[] {
  parent[name] ??= [];
  return parent[name] as Json[];
}

/** An object in the API's JSON, to be changed in place. */
function find(json: Json, kind: ObjectKind, id: string): Json {
  const pools = list(json, 'pools');
  const listeners = list(json, 'listeners');
  const policies = listeners.flatMap((listener) => list(listener, 'l7policies'));
  const candidates = {
    listener: listeners,
    pool: pools,
    member: pools.flatMap((pool) => list(pool, 'members')),
    healthmonitor: pools.flatMap((pool) => (pool.healthmonitor ? [pool.healthmonitor as Json] : [])),
    l7policy: policies,
    l7rule: policies.flatMap((policy) => list(policy, 'rules')),
  }[kind];
  const found = candidates.find((entry) => entry.id === id);
  if (!found) throw new NotFound(`There is no ${kind} ${id} in load balancer ${String(json.id)}.`);
  return found;
}

/** Policies are numbered from 1; one that is put at a position moves the others on (octavia/db/repositories.py). */
function insert(policies: Json[], policy: Json): void {
  const wanted = typeof policy.position === 'number' ? policy.position : policies.length + 1;
  policies.splice(Math.min(wanted, policies.length + 1) - 1, 0, policy);
  for (const [n, entry] of policies.entries()) entry.position = n + 1;
}

/** A load balancer with other values of its own; what stands in it has changes of its own. */
export function planLoadBalancerUpdate(loadBalancer: LoadBalancer, value: unknown): LoadBalancer {
  const { id, vip_address, topology } = loadBalancer;
  const fixed: Json = { id, vip_address, topology };
  const asked = value as Json;
  const changed = Object.keys(fixed).find((field) => field in asked && asked[field] !== fixed[field]);
  if (changed) {
    throw new InvalidLoadBalancer(
      `${changed}: it is ${fixed[changed]} for as long as the load balancer lives`,
    );
  }
  const child = ['listeners', 'pools'].find((field) => field in asked);
  if (child) throw new InvalidLoadBalancer(`${child}: these are changed one by one`);
  return parseLoadBalancer({ ...toJson(loadBalancer), ...asked });
}
