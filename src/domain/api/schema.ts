import { isIP } from 'node:net';
import { z } from 'zod';
import { isNetwork } from '../address.ts';

/**
 * The JSON of Octavia's API v2 for a fully populated load balancer (octavia/api/v2/types). Bounds are upstream's;
 * `null` means "not set", and has been taken out before.
 */

/** What the API adds to its answers; accepted so that an answer can be fed back, and not used. */
const informational = fields(
  'provisioning_status operating_status created_at updated_at project_id tenant_id tags description',
);

function fields(names: string): Readonly<Record<string, z.ZodOptional<z.ZodUnknown>>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, z.unknown().optional()]));
}

/** A text that a rule has to hold of; the message says what is allowed. */
const text = (form: RegExp, allowed: string) => z.string({ error: allowed }).regex(form, allowed);
const whole = (min: number, max: number) => {
  const allowed = `must be a whole number from ${min} to ${max}`;
  return z.int({ error: allowed }).min(min, allowed).max(max, allowed);
};
const flag = () => z.boolean({ error: 'must be true or false' });

const uuid = text(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be a UUID');
const id = uuid.optional();
const name = text(/^.{0,255}$/su, 'must be a text of at most 255 characters').optional();
const enabled = flag().default(true);
const port = whole(1, 65_535);
const address = z
  .string({ error: 'must be an IP address' })
  .refine((found) => isIP(found) !== 0, 'must be an IP address');
const network = z
  .string({ error: 'must be a network, e.g. 192.0.2.0/24' })
  .refine(isNetwork, 'must be a network, e.g. 192.0.2.0/24');
/** 24 days: HAProxy's timers end soon after. */
const timeoutMs = (unset: number) =>
  whole(0, 24 * 24 * 3600 * 1000)
    .default(unset)
    // Upstream takes 0 for "not set" as well.
    .transform((given) => given || unset);
/** Values end up in configuration files: the characters of a URI (RFC 3986, section 2), so one word of one line. */
const URI = "[A-Za-z0-9._~:/?#@!$&'()*+,;=%[\\]-]";
const url = text(
  new RegExp(`^https?://${URI}{1,247}$`),
  'must be one word of at most 255 characters, a URL that begins with http:// or https://',
);
const path = text(
  new RegExp(`^/${URI.replace('#', '')}{0,254}$`),
  'must be one word of at most 255 characters, a path that begins with /',
);
/** Names of headers, cookies and fields: a token (RFC 9110, section 5.6.2) without what HAProxy quotes by. */
const token = text(/^[A-Za-z0-9!$%&*+.^_`|~-]{1,255}$/, 'must be a name without blanks, quotes and brackets');
const tlsVersions = z
  .array(z.enum(['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']))
  .min(1, 'must name one');
const ciphers = text(/^[A-Za-z0-9.:!+@=_-]{1,2048}$/, 'must be an OpenSSL cipher string');
const alpn = z.array(z.enum(['h2', 'http/1.1', 'http/1.0'])).min(1, 'must name one');
/** What a key manager holds: `file:PATH`, or whatever the controller's certificate manager knows. */
const reference = text(/^\P{Cc}{1,255}$/u, 'must be a reference of at most 255 characters').optional();

/** Headers that an amphora can insert; the first three on any HTTP listener. */
export const INSERT_HEADERS = [
  'X-Forwarded-For',
  'X-Forwarded-Port',
  'X-Forwarded-Proto',
  'X-SSL-Client-Verify',
  'X-SSL-Client-Has-Cert',
  'X-SSL-Client-DN',
  'X-SSL-Client-CN',
  'X-SSL-Issuer',
  'X-SSL-Client-SHA1',
  'X-SSL-Client-Not-Before',
  'X-SSL-Client-Not-After',
] as const;

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
  key: token.optional(),
  value: text(/^(\P{Cc}|\t){1,255}$/u, 'must be one line of 1 to 255 characters'),
  invert: flag().default(false),
  admin_state_up: enabled,
});

const member = z.strictObject({
  ...informational,
  ...fields('subnet_id vnic_type'),
  id,
  name,
  address,
  protocol_port: port,
  weight: whole(0, 256).default(1),
  backup: flag().default(false),
  monitor_address: address.optional(),
  monitor_port: port.optional(),
  admin_state_up: enabled,
});

const healthMonitor = z.strictObject({
  ...informational,
  ...fields('pools pool_id'),
  id,
  name,
  type: z.enum(['HTTP', 'HTTPS', 'TCP', 'PING', 'TLS-HELLO', 'UDP-CONNECT', 'SCTP']),
  delay: whole(1, 86_400),
  timeout: whole(1, 86_400),
  max_retries: whole(1, 10),
  max_retries_down: whole(1, 10).default(3),
  http_method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'OPTIONS', 'PATCH', 'CONNECT'])
    .default('GET'),
  url_path: path.default('/'),
  expected_codes: text(
    /^(\d{3}(\s*,\s*\d{3})*|\d{3}-\d{3})$/,
    'must be a code, a list or a range, e.g. 200,202 or 200-204',
  ).default('200'),
  http_version: z.union([z.literal(1), z.literal(1.1)], { error: 'must be one of 1.0, 1.1' }).optional(),
  domain_name: text(
    /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/,
    'must be a domain name',
  ).optional(),
  admin_state_up: enabled,
});

const persistence = z.strictObject({
  type: z.enum(['SOURCE_IP', 'HTTP_COOKIE', 'APP_COOKIE']),
  cookie_name: token.optional(),
  /** Seconds; UDP and SCTP. */
  persistence_timeout: whole(1, 2_678_400).optional(),
  /** A netmask, or a prefix length of IPv6; UDP and SCTP. */
  persistence_granularity: text(
    /^(\d{1,3}(\.\d{1,3}){3}|\d{1,3})$/,
    'must be a netmask, or a prefix length for IPv6',
  ).optional(),
});

const pool = z.strictObject({
  ...informational,
  ...fields('loadbalancers loadbalancer_id listeners listener_id healthmonitor_id'),
  id,
  name,
  protocol: z.enum(['HTTP', 'HTTPS', 'TCP', 'PROXY', 'PROXYV2', 'UDP', 'SCTP']),
  lb_algorithm: z.enum(['ROUND_ROBIN', 'LEAST_CONNECTIONS', 'SOURCE_IP']).default('ROUND_ROBIN'),
  session_persistence: persistence.optional(),
  members: z.array(member).default([]),
  healthmonitor: healthMonitor.optional(),
  tls_enabled: flag().default(false),
  tls_container_ref: reference,
  ca_tls_container_ref: reference,
  crl_container_ref: reference,
  tls_ciphers: ciphers.optional(),
  tls_versions: tlsVersions.optional(),
  alpn_protocols: alpn.optional(),
  admin_state_up: enabled,
});

/** A pool where the API nests one: in full, or by the id or name of one that stands elsewhere. */
const poolOrReference = z.union([pool, z.strictObject({ id: uuid }), z.strictObject({ name: z.string() })], {
  error: 'must be a pool, or { "name": … } or { "id": … } of one',
});

const policy = z.strictObject({
  ...informational,
  ...fields('listener_id'),
  id,
  name,
  action: z.enum(['REJECT', 'REDIRECT_TO_URL', 'REDIRECT_TO_POOL', 'REDIRECT_PREFIX']),
  position: whole(1, 2_147_483_647).optional(),
  redirect_url: url.optional(),
  redirect_prefix: url.optional(),
  redirect_pool: poolOrReference.optional(),
  redirect_pool_id: id,
  redirect_http_code: z
    .literal([301, 302, 303, 307, 308], { error: 'must be one of 301, 302, 303, 307, 308' })
    .optional(),
  // A line of HAProxy's has so many words.
  rules: z.array(rule).max(50, 'must be at most 50 rules').default([]),
  admin_state_up: enabled,
});

const listener = z.strictObject({
  ...informational,
  ...fields('loadbalancers loadbalancer_id'),
  id,
  name,
  protocol: z.enum(['HTTP', 'HTTPS', 'TCP', 'TERMINATED_HTTPS', 'PROMETHEUS', 'UDP', 'SCTP']),
  protocol_port: port,
  connection_limit: whole(-1, 2_147_483_647).default(-1),
  default_pool: poolOrReference.optional(),
  default_pool_id: id,
  insert_headers: z
    .partialRecord(
      z.enum(INSERT_HEADERS),
      z.union([z.string(), z.boolean()], { error: 'must be "true" or "false"' }),
    )
    .optional(),
  allowed_cidrs: z.array(network).optional(),
  l7policies: z.array(policy).default([]),
  default_tls_container_ref: reference,
  sni_container_refs: z.array(reference.unwrap()).default([]),
  client_ca_tls_container_ref: reference,
  client_authentication: z.enum(['NONE', 'OPTIONAL', 'MANDATORY']).default('NONE'),
  client_crl_container_ref: reference,
  tls_ciphers: ciphers.optional(),
  tls_versions: tlsVersions.optional(),
  alpn_protocols: alpn.optional(),
  hsts_max_age: whole(0, 2_147_483_647).optional(),
  hsts_include_subdomains: flag().optional(),
  hsts_preload: flag().optional(),
  timeout_client_data: timeoutMs(50_000),
  timeout_member_connect: timeoutMs(5_000),
  timeout_member_data: timeoutMs(50_000),
  timeout_tcp_inspect: timeoutMs(0),
  admin_state_up: enabled,
});

const hostRoute = z.strictObject({ destination: network, nexthop: address });
/** A subnet's own figures, which Octavia asks Neutron for: given where the files are to be known beforehand. */
const subnet = {
  subnet_cidr: network.optional(),
  gateway_ip: address.optional(),
  host_routes: z.array(hostRoute).default([]),
};
const additionalVip = z.strictObject({ ...fields('subnet_id port_id'), ip_address: address, ...subnet });

/** An amphora that the load balancer is to have, where its figures must be known beforehand. */
const givenAmphora = z.strictObject({
  id: uuid,
  role: z.enum(['MASTER', 'BACKUP', 'STANDALONE']),
  vrrp_ip: address,
  vrrp_priority: whole(1, 255).optional(),
});

export const loadBalancerSchema = z.strictObject({
  ...informational,
  project_id: text(/^[A-Za-z0-9._-]{1,36}$/, 'must be one word of at most 36 characters').optional(),
  ...fields('provider flavor_id flavor availability_zone vip_network_id vip_subnet_id vip_port_id'),
  ...fields('vip_qos_policy_id vip_sg_ids vip_vnic_type'),
  id,
  name,
  topology: z.enum(['ACTIVE_STANDBY', 'SINGLE']).default('ACTIVE_STANDBY'),
  vip_address: address.optional(),
  ...subnet,
  additional_vips: z.array(additionalVip).default([]),
  amphorae: z.array(givenAmphora).min(1, 'must name one').optional(),
  listeners: z.array(listener).default([]),
  pools: z.array(pool).default([]),
  admin_state_up: enabled,
});

/** By the field that holds them. */
export const NESTED = {
  amphorae: givenAmphora,
  additional_vips: additionalVip,
  host_routes: hostRoute,
  listeners: listener,
  l7policies: policy,
  rules: rule,
  pools: pool,
  default_pool: pool,
  redirect_pool: pool,
  session_persistence: persistence,
  members: member,
  healthmonitor: healthMonitor,
} as const;

export type Given = {
  readonly loadBalancer: z.output<typeof loadBalancerSchema>;
  readonly amphora: z.output<typeof givenAmphora>;
  readonly listener: z.output<typeof listener>;
  readonly policy: z.output<typeof policy>;
  readonly rule: z.output<typeof rule>;
  readonly pool: z.output<typeof pool>;
  readonly poolOrReference: z.output<typeof poolOrReference>;
  readonly member: z.output<typeof member>;
  readonly healthMonitor: z.output<typeof healthMonitor>;
};
