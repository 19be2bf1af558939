import { refuseListener, refusePoolOf } from '../domain/api/listener-rules.ts';
import { inserted, listenerOf, policyOf, ruleOf } from '../domain/api/normalise.ts';
import { atRandom, parseCreation } from '../domain/api/parse.ts';
import { refusePolicy, refuseRule, refuseTooManyRules } from '../domain/api/policy-rules.ts';
import { refuseMember, refuseMonitor, refusePool } from '../domain/api/pool-rules.ts';
import { memberOf, monitorOf, Pools } from '../domain/api/pools.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import {
  listenerIn,
  locate,
  type ObjectKind,
  objectsOf,
  policyIn,
  poolIn,
  replaced,
} from '../domain/objects.ts';
import type { Change, PlannedChange } from '../domain/planned-change.ts';
import { Conflict, refuse } from '../domain/schema/invalid.ts';
import { isObject, type Json } from '../domain/schema/requests.ts';

/** A load balancer with one object more; the id is that object's. */
interface Creation {
  readonly id: string;
  readonly loadBalancer: LoadBalancer;
}

type Creator = (before: LoadBalancer, parent: string, value: Json) => Creation;

const CREATORS: Readonly<Record<ObjectKind, Creator>> = {
  listener: createListener,
  pool: createPool,
  member: createMember,
  healthmonitor: createMonitor,
  l7policy: createPolicy,
  l7rule: createRule,
};

/** @throws InvalidLoadBalancer, Conflict, UnknownReference, NotFound */
export function planCreation(
  before: LoadBalancer,
  { object, parent, value }: Extract<Change, { action: 'create' }>,
): PlannedChange {
  if (!isObject(value)) refuse(object, `must be an object; found ${JSON.stringify(value)}`);
  const { id, loadBalancer } = CREATORS[object](before, parent, value);
  const known = new Set(objectsOf(before).map((entry) => entry.id));
  const others = objectsOf(loadBalancer)
    .map((entry) => entry.id)
    .filter((entry) => entry !== id && !known.has(entry));
  return {
    action: 'create',
    object,
    loadBalancer,
    created: [id, ...others],
    updated: [],
    deleted: [],
    parents: (locate(loadBalancer, id)?.parents ?? []).filter((entry) => known.has(entry)),
  };
}

function createListener(before: LoadBalancer, _parent: string, value: Json): Creation {
  const pools = new Pools(before.pools, atRandom);
  const listener = listenerOf(parseCreation('listener', value), '', pools, atRandom)();
  const loadBalancer = { ...before, listeners: [...before.listeners, listener], pools: pools.all };
  refuseListener(loadBalancer, listener, '');
  for (const [n, policy] of listener.l7policies.entries()) {
    refusePolicy(loadBalancer, listener, policy, `l7policies[${n}]`);
  }
  for (const pool of pools.all.slice(before.pools.length)) refusePool(loadBalancer, pool, 'default_pool');
  return { id: listener.id, loadBalancer };
}

/** In the API a pool may name the listener whose default it becomes. */
function createPool(before: LoadBalancer, _parent: string, value: Json): Creation {
  const pools = new Pools(before.pools, atRandom);
  const pool = pools.add(parseCreation('pool', value), '');
  const withPool = { ...before, pools: pools.all };
  refusePool(withPool, pool, '');
  if (value.listener_id === undefined || value.listener_id === null) {
    return { id: pool.id, loadBalancer: withPool };
  }
  const listener = listenerIn(before, String(value.listener_id));
  refusePoolOf(withPool, listener, pool.id, 'protocol');
  if (listener.default_pool_id !== undefined) {
    throw new Conflict(`listener_id: listener ${listener.id} has a default pool already`);
  }
  return {
    id: pool.id,
    loadBalancer: replaced(withPool, listener.id, { ...listener, default_pool_id: pool.id }),
  };
}

function createMember(before: LoadBalancer, parent: string, value: Json): Creation {
  const pool = poolIn(before, parent);
  const member = memberOf(parseCreation('member', value), '', atRandom);
  const after = { ...pool, members: [...pool.members, member] };
  refuseMember(before, after, member, '');
  return { id: member.id, loadBalancer: replaced(before, pool.id, after) };
}

function createMonitor(before: LoadBalancer, parent: string, value: Json): Creation {
  const pool = poolIn(before, parent);
  const healthmonitor = monitorOf(parseCreation('healthmonitor', value), '', atRandom);
  refuseMonitor(pool, healthmonitor, '');
  if (pool.healthmonitor) throw new Conflict(`pool ${pool.id} has a health monitor already`);
  return { id: healthmonitor.id, loadBalancer: replaced(before, pool.id, { ...pool, healthmonitor }) };
}

function createPolicy(before: LoadBalancer, parent: string, value: Json): Creation {
  const listener = listenerIn(before, parent);
  const given = parseCreation('l7policy', value);
  const pools = new Pools(before.pools, atRandom);
  const policy = policyOf(given, '', pools, atRandom)();
  refusePolicy(before, listener, policy, '');
  const l7policies = inserted(listener.l7policies, policy, given.position);
  return { id: policy.id, loadBalancer: replaced(before, listener.id, { ...listener, l7policies }) };
}

function createRule(before: LoadBalancer, parent: string, value: Json): Creation {
  const policy = policyIn(before, parent);
  const rule = ruleOf(parseCreation('rule', value), '', atRandom);
  refuseRule(rule, '');
  const after = { ...policy, rules: [...policy.rules, rule] };
  refuseTooManyRules(after, 'rules');
  return { id: rule.id, loadBalancer: replaced(before, policy.id, after) };
}
