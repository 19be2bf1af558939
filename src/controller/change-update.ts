import { asksByHttp, CHECK_DEFAULTS, encrypted, terminatesTls } from '../domain/api/defaults.ts';
import { refuseListenerUpdate } from '../domain/api/listener-rules.ts';
import { inserted } from '../domain/api/normalise.ts';
import { parseUpdate } from '../domain/api/parse.ts';
import { refusePolicy, refuseRule } from '../domain/api/policy-rules.ts';
import { type Target, targetOf } from '../domain/api/policy-target.ts';
import { refuseMember, refuseMonitor, refusePool } from '../domain/api/pool-rules.ts';
import { filled } from '../domain/api/pools.ts';
import type { L7Policy, Listener, LoadBalancer, Pool } from '../domain/load-balancer.ts';
import { listenerIn, type ObjectKind, policyIn, poolIn, replaced, required } from '../domain/objects.ts';
import type { PlannedChange } from '../domain/planned-change.ts';
import { refuse, UnknownReference } from '../domain/schema/invalid.ts';
import { isObject, type Json } from '../domain/schema/requests.ts';

type Updater = (before: LoadBalancer, id: string, value: Json, parents: readonly string[]) => LoadBalancer;

const UPDATERS: Readonly<Record<ObjectKind, Updater>> = {
  listener: updateListener,
  pool: updatePool,
  member: updateMember,
  healthmonitor: updateMonitor,
  l7policy: updatePolicy,
  l7rule: updateRule,
};

/** @throws InvalidLoadBalancer, UnknownReference, NotFound */
export function planUpdate(before: LoadBalancer, id: string, value: unknown): PlannedChange {
  const { kind, parents } = required(before, id);
  if (!isObject(value)) refuse(kind, `must be an object; found ${JSON.stringify(value)}`);
  return {
    action: 'update',
    object: kind,
    loadBalancer: UPDATERS[kind](before, id, value, parents),
    created: [],
    updated: [id],
    deleted: [],
    parents,
  };
}

/** A load balancer with other values of its own; what stands in it has changes of its own. */
export function planLoadBalancerUpdate(before: LoadBalancer, value: unknown): LoadBalancer {
  if (!isObject(value)) refuse('loadbalancer', `must be an object; found ${JSON.stringify(value)}`);
  const { name = '', ...given } = { name: before.name, ...parseUpdate('loadbalancer', value) };
  const { description, tags, vip_qos_policy_id, vip_sg_ids, admin_state_up } = { ...before, ...given };
  return { ...before, name, description, tags, vip_qos_policy_id, vip_sg_ids, admin_state_up };
}

function updateListener(loadBalancer: LoadBalancer, id: string, value: Json): LoadBalancer {
  const before = listenerIn(loadBalancer, id);
  const { default_pool, l7policies, insert_headers, ...given } = parseUpdate('listener', value);
  const poolId = given.default_pool_id;
  if (poolId && !loadBalancer.pools.some((pool) => pool.id === poolId)) {
    throw new UnknownReference(
      `default_pool_id: there is no pool ${poolId} in load balancer ${loadBalancer.id}`,
    );
  }
  const merged: Listener = {
    ...before,
    ...given,
    id,
    ...('insert_headers' in value && { insert_headers: insert_headers ?? {} }),
  };
  const after = encrypted(merged, terminatesTls(merged));
  refuseListenerUpdate(loadBalancer, { before, after, given: value });
  return replaced(loadBalancer, id, after);
}

function updatePool(loadBalancer: LoadBalancer, id: string, value: Json): LoadBalancer {
  const before = poolIn(loadBalancer, id);
  const { session_persistence: persistence } = value;
  // Its type may be left out where it has one.
  const whole =
    isObject(persistence) && !persistence.type && before.session_persistence
      ? { ...value, session_persistence: { ...persistence, type: before.session_persistence.type } }
      : value;
  const { members, healthmonitor, ...given } = parseUpdate('pool', whole);
  const merged: Pool = { ...before, ...given, id };
  // null asks for the defaults, absence for what was.
  const reset = ['tls_ciphers', 'tls_versions'].some((field) => value[field] === null);
  const after = reset ? encrypted(merged, true) : merged;
  refusePool(loadBalancer, { ...after, members: [], healthmonitor: undefined }, '');
  return replaced(loadBalancer, id, after);
}

function updateMember(
  loadBalancer: LoadBalancer,
  id: string,
  value: Json,
  [poolId = '']: readonly string[],
): LoadBalancer {
  const pool = poolIn(loadBalancer, poolId);
  const given = parseUpdate('member', value);
  const members = pool.members.map((member) => (member.id === id ? { ...member, ...given, id } : member));
  for (const member of members) {
    if (member.id === id) refuseMember(loadBalancer, { ...pool, members }, member, '');
  }
  return replaced(loadBalancer, poolId, { ...pool, members });
}

function updateMonitor(
  loadBalancer: LoadBalancer,
  id: string,
  value: Json,
  [poolId = '']: readonly string[],
): LoadBalancer {
  const pool = poolIn(loadBalancer, poolId);
  const before = pool.healthmonitor;
  if (!before) return loadBalancer;
  const given = parseUpdate('healthmonitor', value);
  const foreign = Object.keys(CHECK_DEFAULTS).find((field) => field in value);
  if (foreign && !asksByHttp(before)) {
    refuse(foreign, `only HTTP and HTTPS monitors have it; this one is ${before.type}`);
  }
  const healthmonitor = filled({ ...before, ...given, id });
  refuseMonitor(pool, healthmonitor, '');
  return replaced(loadBalancer, poolId, { ...pool, healthmonitor });
}

function updatePolicy(
  loadBalancer: LoadBalancer,
  id: string,
  value: Json,
  [listenerId = '']: readonly string[],
): LoadBalancer {
  const listener = listenerIn(loadBalancer, listenerId);
  const before = policyIn(loadBalancer, id);
  const { redirect_pool, rules, position, ...given } = parseUpdate('l7policy', value);
  const poolId = given.redirect_pool_id;
  if (poolId && !loadBalancer.pools.some((pool) => pool.id === poolId)) {
    throw new UnknownReference(
      `redirect_pool_id: there is no pool ${poolId} in load balancer ${loadBalancer.id}`,
    );
  }
  const after = { ...before, ...given, ...newTarget(before, given), id };
  refusePolicy(loadBalancer, listener, after, '');
  const moved = position !== undefined && position !== before.position;
  const l7policies = moved
    ? inserted(
        listener.l7policies.filter((policy) => policy.id !== id),
        after,
        position,
      )
    : listener.l7policies.map((policy) => (policy.id === id ? after : policy));
  return replaced(loadBalancer, listenerId, { ...listener, l7policies });
}

/** What an update says of the target counts, and the action follows it; else all stays but the code. */
function newTarget(before: L7Policy, given: Partial<Target>): Partial<Target> {
  const { action, redirect_pool_id, redirect_url, redirect_prefix, redirect_http_code } = given;
  const implied = (): L7Policy['action'] | undefined => {
    if (redirect_pool_id) return 'REDIRECT_TO_POOL';
    if (redirect_url) return 'REDIRECT_TO_URL';
    return redirect_prefix ? 'REDIRECT_PREFIX' : undefined;
  };
  const wanted = action ?? implied();
  if (wanted) {
    return targetOf(
      { action: wanted, redirect_pool_id, redirect_url, redirect_prefix, redirect_http_code },
      '',
    );
  }
  const { redirect_pool_id: pool, redirect_url: url, redirect_prefix: prefix } = before;
  const code = url || prefix ? (redirect_http_code ?? before.redirect_http_code) : undefined;
  return {
    redirect_pool_id: pool,
    redirect_url: url,
    redirect_prefix: prefix,
    redirect_http_code: code,
  };
}

function updateRule(
  loadBalancer: LoadBalancer,
  id: string,
  value: Json,
  [policyId = '']: readonly string[],
): LoadBalancer {
  const policy = policyIn(loadBalancer, policyId);
  const given = parseUpdate('rule', value);
  const rules = policy.rules.map((rule) => (rule.id === id ? { ...rule, ...given, id } : rule));
  for (const rule of rules) if (rule.id === id) refuseRule(rule, '');
  return replaced(loadBalancer, policyId, { ...policy, rules });
}
