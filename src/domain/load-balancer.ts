import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import type { Vip } from './vip.ts';

/** The load balancer that was asked for cannot be had; one sentence names the field, what was found and what is allowed. */
export class InvalidLoadBalancer extends Error {
  override readonly name = 'InvalidLoadBalancer';
}

/** What the API adds to its answers; accepted so that an answer can be fed back, and not used. */
const informational = Object.fromEntries(
  [
    'provisioning_status operating_status created_at updated_at project_id tenant_id tags description',
    'provider flavor_id availability_zone vip_network_id vip_subnet_id vip_port_id vip_qos_policy_id',
    'vip_sg_ids vip_vnic_type vnic_type subnet_id loadbalancers listeners_ids max_retries_url',
    'load_balancer_id pool_id listener_id',
  ]
    .join(' ')
    .split(' ')
    .map((name) => [name, z.unknown().optional()]),
);

const id = z
  .string()
  .regex(/^[0-9a-fA-F-]{36}$/, 'must be a UUID')
  .optional();
const name = z.string().nullish();
const enabled = z.boolean().default(true);
const port = z.int().min(1).max(65535);
const address = z.string().refine((text) => isIP(text) !== 0, 'must be an IP address');
const timeoutMs = z
  .int()
  .min(0)
  .max(365 * 24 * 3600 * 1000);
/** Values end up in configuration files: nothing that ends a word or a line there. */
const word = z.string().regex(/^[^\s"'\\#]+$/, 'must be one word without quotes, backslashes and #');
/** Names of headers, cookies and fields: a token (RFC 9110, section 5.6.2) without what HAProxy quotes by. */
const token = z
  .string()
  .regex(/^[A-Za-z0-9!$%&*+.^_`|~-]+$/, 'must be a name without blanks, quotes and brackets');
const tlsVersions = z.array(z.enum(['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']));
const ciphers = z.string().regex(/^[A-Za-z0-9:!+@=_-]+$/, 'must be an OpenSSL cipher string');

const rule = z.strictObject({
  ...informational,
  id,
  type: z.enum([
    'HOST_NAME',
    'PATH',
    'FILE_TYPE',
    'HEADER',
    'COOKIE',
    'SSL_CONN_HAS_CERT',
    'SSL_VERIFY_RESULT',
    'SSL_DN_FIELD',
  ]),
  compare_type: z.enum(['REGEX', 'STARTS_WITH', 'ENDS_WITH', 'CONTAINS', 'EQUAL_TO']),
  key: token.nullish(),
  value: z.string().regex(/^[^\r\n]+$/, 'must be one line'),
  invert: z.boolean().default(false),
  admin_state_up: enabled,
});

const member = z.strictObject({
  ...informational,
  id,
  name,
  address,
  protocol_port: port,
  weight: z.int().min(0).max(256).default(1),
  backup: z.boolean().default(false),
  monitor_address: address.nullish(),
  monitor_port: port.nullish(),
  admin_state_up: enabled,
});

const healthMonitor = z.strictObject({
  ...informational,
  id,
  name,
  type: z.enum(['HTTP', 'HTTPS', 'TCP', 'PING', 'TLS-HELLO']),
  delay: z.int().min(1),
  timeout: z.int().min(1),
  max_retries: z.int().min(1).max(10),
  max_retries_down: z.int().min(1).max(10).default(3),
  http_method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'OPTIONS', 'PATCH', 'CONNECT'])
    .default('GET'),
  url_path: word.default('/'),
  expected_codes: z
    .string()
    .regex(/^\d{3}((,\d{3})*|-\d{3})$/, 'must be like 200, 200,202 or 200-204')
    .default('200'),
  http_version: z.union([z.literal(1), z.literal(1.1)]).nullish(),
  domain_name: word.nullish(),
  admin_state_up: enabled,
});

const pool = z.strictObject({
  ...informational,
  id,
  name,
  protocol: z.enum(['HTTP', 'HTTPS', 'TCP', 'PROXY', 'PROXYV2']),
  lb_algorithm: z.enum(['ROUND_ROBIN', 'LEAST_CONNECTIONS', 'SOURCE_IP']).default('ROUND_ROBIN'),
  session_persistence: z
    .strictObject({
      type: z.enum(['SOURCE_IP', 'HTTP_COOKIE', 'APP_COOKIE']),
      cookie_name: token.nullish(),
      persistence_timeout: z.unknown().optional(),
      persistence_granularity: z.unknown().optional(),
    })
    .nullish(),
  members: z.array(member).default([]),
  healthmonitor: healthMonitor.nullish(),
  tls_enabled: z.boolean().default(false),
  tls_container_ref: z.string().nullish(),
  ca_tls_container_ref: z.string().nullish(),
  crl_container_ref: z.string().nullish(),
  tls_ciphers: ciphers.nullish(),
  tls_versions: tlsVersions.nullish(),
  alpn_protocols: z.array(word).nullish(),
  admin_state_up: enabled,
});

/** A pool where the API nests one: in full, or by the id or name of one that stands elsewhere. */
const poolOrReference = z.union([pool, z.strictObject({ id }), z.strictObject({ name: z.string() })], {
  error: 'must be a pool, or { "name": … } or { "id": … } of one',
});

const policy = z.strictObject({
  ...informational,
  id,
  name,
  action: z.enum(['REJECT', 'REDIRECT_TO_URL', 'REDIRECT_TO_POOL', 'REDIRECT_PREFIX']),
  position: z.int().min(1).optional(),
  redirect_url: word.nullish(),
  redirect_prefix: word.nullish(),
  redirect_pool: poolOrReference.nullish(),
  redirect_pool_id: id.nullable(),
  redirect_http_code: z.union([301, 302, 303, 307, 308].map((code) => z.literal(code))).nullish(),
  rules: z.array(rule).default([]),
  admin_state_up: enabled,
});

const listener = z.strictObject({
  ...informational,
  id,
  name,
  protocol: z.enum(['HTTP', 'HTTPS', 'TCP', 'TERMINATED_HTTPS']),
  protocol_port: port,
  connection_limit: z.int().min(-1).default(-1),
  default_pool: poolOrReference.nullish(),
  default_pool_id: id.nullable(),
  insert_headers: z.record(word, z.union([z.string(), z.boolean()])).nullish(),
  allowed_cidrs: z
    .array(z.string().regex(/^[0-9a-fA-F.:]+\/\d+$/, 'must be a network, e.g. 192.0.2.0/24'))
    .nullish(),
  l7policies: z.array(policy).default([]),
  default_tls_container_ref: z.string().nullish(),
  sni_container_refs: z.array(z.string()).default([]),
  client_ca_tls_container_ref: z.string().nullish(),
  client_authentication: z.enum(['NONE', 'OPTIONAL', 'MANDATORY']).default('NONE'),
  client_crl_container_ref: z.string().nullish(),
  tls_ciphers: ciphers.nullish(),
  tls_versions: tlsVersions.nullish(),
  alpn_protocols: z.array(word).nullish(),
  hsts_max_age: z.int().min(0).nullish(),
  hsts_include_subdomains: z.boolean().nullish(),
  hsts_preload: z.boolean().nullish(),
  timeout_client_data: timeoutMs.default(50_000),
  timeout_member_connect: timeoutMs.default(5_000),
  timeout_member_data: timeoutMs.default(50_000),
  timeout_tcp_inspect: timeoutMs.default(0),
  admin_state_up: enabled,
});

const hostRoute = z.strictObject({ destination: word, nexthop: address });
const network = z.string().regex(/^[0-9a-fA-F.:]+\/\d+$/, 'must be a network, e.g. 172.16.1.0/24');

/** An amphora that the load balancer is to have, where its figures must be known beforehand. */
const givenAmphora = z.strictObject({
  id: z.string().regex(/^[0-9a-fA-F-]{36}$/, 'must be a UUID'),
  role: z.enum(['MASTER', 'BACKUP', 'STANDALONE']),
  vrrp_ip: address,
  vrrp_priority: z.int().min(1).max(255).optional(),
});

const loadBalancer = z.strictObject({
  ...informational,
  id,
  name,
  topology: z.enum(['ACTIVE_STANDBY', 'SINGLE']).default('ACTIVE_STANDBY'),
  vip_address: address.nullish(),
  subnet_cidr: network.optional(),
  gateway_ip: address.optional(),
  host_routes: z.array(hostRoute).default([]),
  amphorae: z.array(givenAmphora).optional(),
  additional_vips: z.array(z.unknown()).max(0, 'are not served yet').nullish(),
  listeners: z.array(listener).default([]),
  pools: z.array(pool).default([]),
  admin_state_up: enabled,
});

type Identified<T> = Omit<T, 'id'> & { readonly id: string };
export type Member = Identified<z.output<typeof member>>;
export type HealthMonitor = Identified<z.output<typeof healthMonitor>>;
export type L7Rule = Identified<z.output<typeof rule>>;
export type Pool = Identified<Omit<z.output<typeof pool>, 'members' | 'healthmonitor'>> & {
  readonly members: readonly Member[];
  readonly healthmonitor: HealthMonitor | undefined;
};
export type L7Policy = Identified<
  Omit<z.output<typeof policy>, 'rules' | 'redirect_pool' | 'redirect_pool_id'>
> & { readonly rules: readonly L7Rule[]; readonly redirect_pool_id: string | undefined };
export type Listener = Identified<
  Omit<z.output<typeof listener>, 'l7policies' | 'default_pool' | 'default_pool_id' | 'insert_headers'>
> & {
  /** In the order in which they are tried. */
  readonly l7policies: readonly L7Policy[];
  readonly default_pool_id: string | undefined;
  readonly insert_headers: Readonly<Record<string, string>>;
};

/** A load balancer as the API describes it, with every default filled in, and pools in one place. */
export interface LoadBalancer {
  readonly id: string;
  readonly name: string;
  readonly topology: 'ACTIVE_STANDBY' | 'SINGLE';
  readonly vip_address: string | undefined;
  /** The VIP's subnet, where the file names one. */
  readonly subnet: Readonly<Pick<Vip, 'host_routes'>> & Partial<Pick<Vip, 'subnet_cidr' | 'gateway_ip'>>;
  readonly amphorae: readonly z.output<typeof givenAmphora>[] | undefined;
  readonly admin_state_up: boolean;
  readonly listeners: readonly Listener[];
  readonly pools: readonly Pool[];
}

/**
 * Reads the JSON of Octavia's API v2 for a fully populated load balancer, with or without the enclosing
 * `loadbalancer`. Objects without an id get one that depends on their place alone, so that equal files
 * give equal configurations.
 *
 * @throws InvalidLoadBalancer
 */
export function parseLoadBalancer(json: unknown): LoadBalancer {
  const enclosed = json !== null && typeof json === 'object' && 'loadbalancer' in json;
  const result = loadBalancer.safeParse(enclosed ? json.loadbalancer : json, { reportInput: true });
  if (!result.success) throw new InvalidLoadBalancer(sentence(mostTelling(result.error.issues)));
  return normalise(result.data);
}

function normalise(input: z.output<typeof loadBalancer>): LoadBalancer {
  const pools: Pool[] = [];
  const addPool = (given: z.output<typeof pool>, place: string): Pool => {
    const added = {
      ...given,
      id: given.id ?? placeId(place),
      members: given.members.map((entry, n) => ({
        ...entry,
        id: entry.id ?? placeId(`${place}/members/${n}`),
      })),
      healthmonitor: given.healthmonitor
        ? { ...given.healthmonitor, id: given.healthmonitor.id ?? placeId(`${place}/healthmonitor`) }
        : undefined,
    };
    pools.push(added);
    return added;
  };
  for (const [n, entry] of input.pools.entries()) addPool(entry, `pools/${n}`);
  const deferred: (() => void)[] = [];
  const resolve = (
    nested: z.output<typeof poolOrReference> | null | undefined,
    wantedId: string | null | undefined,
    place: string,
    set: (poolId: string) => void,
  ): void => {
    if (nested && 'protocol' in nested) {
      set(addPool(nested, place).id);
      return;
    }
    const key = nested ?? (wantedId ? { id: wantedId } : undefined);
    if (!key) return;
    // Others may stand further down in the file.
    deferred.push(() => {
      const found = pools.find((known) => ('name' in key ? known.name === key.name : known.id === key.id));
      if (!found) {
        const wanted = 'name' in key ? key.name : key.id;
        const known = pools
          .map((entry) => ('name' in key ? entry.name : entry.id))
          .filter((text) => text != null);
        throw new InvalidLoadBalancer(
          `${place}: no pool is called "${wanted}"${known.length ? `; there are ${known.join(', ')}` : ''}`,
        );
      }
      set(found.id);
    });
  };
  const listeners = input.listeners.map((given, n) => {
    const place = `listeners/${n}`;
    const { default_pool, default_pool_id, ...rest } = given;
    const made = {
      ...rest,
      id: given.id ?? placeId(place),
      default_pool_id: undefined as string | undefined,
      insert_headers: Object.fromEntries(
        Object.entries(given.insert_headers ?? {}).map(([header, value]) => [header, String(value)]),
      ),
      l7policies: given.l7policies
        .map((entry, m) => policyOf(entry, `${place}/l7policies/${m}`))
        .sort((a, b) => (a.position ?? Infinity) - (b.position ?? Infinity)),
    };
    resolve(default_pool, default_pool_id, `${place}/default_pool`, (poolId) => {
      made.default_pool_id = poolId;
    });
    return made;
  });
  function policyOf(given: z.output<typeof policy>, place: string) {
    const { redirect_pool, redirect_pool_id, ...rest } = given;
    const made = {
      ...rest,
      id: given.id ?? placeId(place),
      redirect_pool_id: undefined as string | undefined,
      rules: given.rules.map((entry, n) => ({ ...entry, id: entry.id ?? placeId(`${place}/rules/${n}`) })),
    };
    resolve(redirect_pool, redirect_pool_id, `${place}/redirect_pool`, (poolId) => {
      made.redirect_pool_id = poolId;
    });
    return made;
  }
  for (const look of deferred) look();
  refuseConflicts(listeners, pools);
  return {
    id: input.id ?? placeId('loadbalancer'),
    name: input.name ?? 'lb1',
    topology: input.topology,
    vip_address: input.vip_address ?? undefined,
    subnet: {
      host_routes: input.host_routes,
      ...(input.subnet_cidr && { subnet_cidr: input.subnet_cidr }),
      ...(input.gateway_ip && { gateway_ip: input.gateway_ip }),
    },
    amphorae: input.amphorae,
    admin_state_up: input.admin_state_up,
    listeners,
    pools,
  };
}

function refuseConflicts(listeners: readonly Listener[], pools: readonly Pool[]): void {
  const ports = new Set<number>();
  for (const [n, entry] of listeners.entries()) {
    if (ports.has(entry.protocol_port)) {
      throw new InvalidLoadBalancer(
        `listeners[${n}].protocol_port: ${entry.protocol_port} is taken by another listener`,
      );
    }
    ports.add(entry.protocol_port);
    if (entry.protocol === 'TERMINATED_HTTPS' && !entry.default_tls_container_ref) {
      throw new InvalidLoadBalancer(
        `listeners[${n}].default_tls_container_ref: missing; a TERMINATED_HTTPS listener needs file:PATH of a PEM with certificate and key`,
      );
    }
  }
  const ids = [...listeners, ...pools, ...pools.flatMap((entry) => entry.members)].map((entry) => entry.id);
  const twice = ids.find((value, n) => ids.indexOf(value) !== n);
  if (twice) throw new InvalidLoadBalancer(`id: ${twice} is used twice`);
  for (const entry of pools) {
    if (entry.session_persistence?.type === 'APP_COOKIE' && !entry.session_persistence.cookie_name) {
      throw new InvalidLoadBalancer(
        `pool ${entry.name ?? entry.id}: APP_COOKIE persistence needs cookie_name`,
      );
    }
  }
}

/** A UUID (RFC 9562, version 8) that says nothing but where the object stands. */
function placeId(place: string): string {
  const hex = createHash('sha256').update(`amphora-testbed ${place}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The issue that helps most: a name that is not known before one that is missing, inside a nested pool before "no pool". */
function mostTelling(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  const flat = issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue];
    const nested =
      issue.errors[0]?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? [];
    // Without a protocol it was meant as a reference.
    return nested.some((inner) => inner.path.at(-1) === 'protocol') ? [issue] : nested;
  });
  return flat.find((issue) => issue.code === 'unrecognized_keys') ?? flat[0];
}

function sentence(issue: z.core.$ZodIssue | undefined): string {
  if (!issue) return 'The load balancer is not valid.';
  const place = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const where = place ? `${place}.${key}` : key;
    return `${where}: there is no such field; the nearest is "${closest(key, FIELD_NAMES)}"`;
  }
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    const found = typeof issue.input === 'string' ? `; the nearest is ${closest(issue.input, allowed)}` : '';
    return `${place}: must be one of ${allowed.join(', ')}${found}`;
  }
  return `${place || 'the load balancer'}: ${issue.message.replace(/^Invalid input: /, '')}`;
}

const FIELD_NAMES = [
  ...new Set(
    [loadBalancer, givenAmphora, listener, pool, member, healthMonitor, policy, rule].flatMap((schema) =>
      Object.keys(schema.shape),
    ),
  ),
].filter((field) => !(field in informational));
