import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { LoadBalancer, Member } from '../load-balancer.ts';
import { InvalidLoadBalancer, refuse } from '../schema/invalid.ts';
import { isObject, type Json, type RequestKind, refuseUnknownFields } from '../schema/requests.ts';
import * as schema from '../schema/schema.ts';
import { sentence } from '../schema/sentence.ts';
import { normalise } from './normalise.ts';
import { memberOf, type Naming } from './pools.ts';
import { refuseContradictions } from './rules.ts';

const SCHEMAS = {
  loadbalancer: schema.loadBalancer,
  listener: schema.listener,
  pool: schema.pool,
  member: schema.member,
  healthmonitor: schema.healthMonitor,
  l7policy: schema.policy,
  rule: schema.rule,
} as const satisfies Record<RequestKind, z.ZodObject>;

/** An object of that kind, as requested. */
export type Parsed<Kind extends RequestKind> = z.output<(typeof SCHEMAS)[Kind]>;

/** Ids for requested objects. */
export const atRandom: Naming = () => randomUUID();

/**
 * Reads a file: the JSON of Octavia's API v2 for a fully populated load balancer, with or without the enclosing
 * `loadbalancer`. Objects without an id get one that depends on their place alone, so that equal files
 * give equal configurations.
 *
 * @throws InvalidLoadBalancer
 */
export function parseLoadBalancer(json: unknown): LoadBalancer {
  const enclosed = isObject(json) && 'loadbalancer' in json;
  const loadBalancer = normalise(read('loadbalancer', enclosed ? json.loadbalancer : json), byPlace);
  refuseContradictions(loadBalancer);
  return loadBalancer;
}

/**
 * Reads a load balancer that is to be created.
 *
 * @throws InvalidLoadBalancer, Conflict, UnknownReference
 */
export function parseNewLoadBalancer(body: Json): LoadBalancer {
  const given = parseCreation('loadbalancer', body);
  for (const [n, listener] of given.listeners.entries()) {
    const nested = [
      [listener.default_pool, 'default_pool'] as const,
      ...listener.l7policies.map(
        (policy, m) => [policy.redirect_pool, `l7policies[${m}].redirect_pool`] as const,
      ),
    ];
    for (const [pool, place] of nested) {
      if (pool && !pool.name) refuse(`listeners[${n}].${place}.name`, 'is missing; a nested pool has a name');
    }
  }
  const { vip_address, vip_subnet_id, vip_network_id, vip_port_id } = given;
  if (!vip_address && !vip_subnet_id && !vip_network_id && !vip_port_id) {
    refuse('vip_subnet_id', 'is missing; a VIP needs it, or vip_network_id, vip_port_id or vip_address');
  }
  const loadBalancer = normalise(given, atRandom);
  refuseContradictions(loadBalancer);
  return loadBalancer;
}

/** Reads an object that is to be created. @throws InvalidLoadBalancer */
export function parseCreation<Kind extends RequestKind>(kind: Kind, body: Json): Parsed<Kind> {
  refuseUnknownFields(kind, 'create', body);
  const holders = ['loadbalancer_id', 'listener_id', 'pool_id', 'project_id', 'tenant_id'];
  const own = kind === 'loadbalancer' ? body : without(body, holders);
  return read(kind, own);
}

/**
 * Reads the members of a batch, each with the fields that it was given.
 *
 * @throws InvalidLoadBalancer
 */
export function parseMembers(
  value: readonly unknown[],
): readonly { readonly member: Member; readonly fields: readonly string[] }[] {
  return value.map((entry, n) => {
    try {
      if (!isObject(entry)) refuse('', `must be an object; found ${JSON.stringify(entry)}`);
      const member = memberOf(parseCreation('member', entry), '', atRandom);
      return { member, fields: Object.keys(entry) };
    } catch (error) {
      if (!(error instanceof InvalidLoadBalancer)) throw error;
      const separator = error.message.startsWith(':') ? '' : '.';
      throw new InvalidLoadBalancer(`members[${n}]${separator}${error.message}`);
    }
  });
}

/**
 * Reads the fields that an update changes; null has been read as their default.
 *
 * @throws InvalidLoadBalancer
 */
export function parseUpdate<Kind extends RequestKind>(kind: Kind, body: Json): Partial<Parsed<Kind>> {
  refuseUnknownFields(kind, 'update', body);
  const whole: z.ZodObject = SCHEMAS[kind];
  const partial = z.strictObject(
    Object.fromEntries(Object.entries(whole.shape).filter(([field]) => field in body)),
  );
  return checked(partial, kind, body) as Partial<Parsed<Kind>>;
}

function read<Kind extends RequestKind>(kind: Kind, json: unknown): Parsed<Kind> {
  return checked(SCHEMAS[kind], kind, json) as Parsed<Kind>;
}

function checked(against: z.ZodObject, kind: RequestKind, json: unknown): unknown {
  const result = against.safeParse(json, { reportInput: true });
  if (!result.success) throw new InvalidLoadBalancer(sentence(result.error.issues, kind));
  return result.data;
}

function without(body: Json, fields: readonly string[]): Json {
  return Object.fromEntries(Object.entries(body).filter(([field]) => !fields.includes(field)));
}

/** A UUID (RFC 9562, version 8) that encodes the object's place. */
function byPlace(place: string): string {
  const hex = createHash('sha256').update(`amphora-testbed ${place}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
