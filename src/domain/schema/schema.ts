import { z } from 'zod';
import { defaulted, flag, list, mandatory, note, oneOf, optional, optionalList, orNull } from './field.ts';
import * as kind from './kinds.ts';

/**
 * The JSON of Octavia's API v2 (octavia/api/v2/types), and what a file may say beyond. requests.ts says which of
 * the fields a request may have.
 */

/** What the API adds to its answers; accepted in files, so that an answer can be fed back, and not used. */
const informational = ignored(
  'provisioning_status',
  'operating_status',
  'created_at',
  'updated_at',
  'project_id',
  'tenant_id',
);

function ignored<const Name extends string>(...names: readonly Name[]) {
  const nothing = z
    .unknown()
    .optional()
    .transform(() => undefined);
  return Object.fromEntries(names.map((name) => [name, nothing])) as Record<Name, typeof nothing>;
}

/** null is "disabled" (octavia/api/common/types.py, to_dict). */
const enabled = defaulted(flag, true, false);
const described = {
  description: optional(note(255)),
  tags: list(mandatory(note(255))),
};
const common = { ...informational, id: optional(kind.id), ...described, admin_state_up: enabled };
const named = { ...common, name: optional(kind.name) };
const encryption = {
  tls_ciphers: optional(kind.ciphers),
  tls_versions: optionalList(mandatory(kind.tlsVersion)),
  alpn_protocols: optionalList(mandatory(kind.alpnProtocol)),
};

/** Headers that an amphora can insert; those that begin with X-SSL only where TLS is terminated. */
export const INSERT_HEADERS = [
  'X-Forwarded-For',
  'X-Forwarded-Port',
  'X-Forwarded-Proto',
  'X-Forwarded-IP',
  'X-Client-IP',
  'X-Real-IP',
  'X-SSL-Client-Verify',
  'X-SSL-Client-Has-Cert',
  'X-SSL-Client-DN',
  'X-SSL-Client-CN',
  'X-SSL-Issuer',
  'X-SSL-Client-SHA1',
  'X-SSL-Client-Not-Before',
  'X-SSL-Client-Not-After',
] as const;

export const rule = z.strictObject({
  ...common,
  type: mandatory(
    oneOf(
      'HOST_NAME',
      'PATH',
      'FILE_TYPE',
      'HEADER',
      'COOKIE',
      'SSL_CONN_HAS_CERT',
      'SSL_VERIFY_RESULT',
      'SSL_DN_FIELD',
    ),
  ),
  compare_type: mandatory(oneOf('REGEX', 'STARTS_WITH', 'ENDS_WITH', 'CONTAINS', 'EQUAL_TO')),
  key: optional(kind.token),
  value: mandatory(kind.line),
  invert: defaulted(flag, false),
});

export const member = z.strictObject({
  ...named,
  ...ignored('vnic_type'),
  address: mandatory(kind.address),
  protocol_port: mandatory(kind.port),
  weight: defaulted(kind.weight, 1),
  backup: defaulted(flag, false),
  subnet_id: optional(kind.id),
  monitor_address: optional(kind.address),
  monitor_port: optional(kind.port),
  request_sriov: defaulted(flag, false),
});

export const healthMonitor = z.strictObject({
  ...named,
  ...ignored('pools', 'pool_id'),
  type: mandatory(oneOf('HTTP', 'HTTPS', 'TCP', 'PING', 'TLS-HELLO', 'UDP-CONNECT', 'SCTP')),
  delay: mandatory(kind.seconds),
  timeout: mandatory(kind.seconds),
  max_retries: mandatory(kind.count),
  max_retries_down: defaulted(kind.count, 3),
  http_method: optional(
    oneOf('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'OPTIONS', 'PATCH', 'CONNECT'),
  ),
  url_path: optional(kind.urlPath),
  expected_codes: optional(kind.expectedCodes),
  http_version: optional(kind.httpVersion),
  domain_name: optional(kind.domainName),
});

export const persistence = z.strictObject({
  type: mandatory(oneOf('SOURCE_IP', 'HTTP_COOKIE', 'APP_COOKIE')),
  cookie_name: optional(kind.token),
  /** Seconds; UDP and SCTP. */
  persistence_timeout: optional(kind.seconds),
  /** A netmask, of either IP version; UDP and SCTP. */
  persistence_granularity: optional(kind.address),
});

const poolFields = {
  ...named,
  ...ignored('loadbalancers', 'loadbalancer_id', 'listeners', 'listener_id', 'healthmonitor_id'),
  session_persistence: orNull(persistence),
  members: list(member),
  healthmonitor: orNull(healthMonitor),
  tls_enabled: defaulted(flag, false),
  tls_container_ref: optional(kind.reference),
  ca_tls_container_ref: optional(kind.reference),
  crl_container_ref: optional(kind.reference),
  ...encryption,
};
const poolProtocol = oneOf('HTTP', 'HTTPS', 'TCP', 'PROXY', 'PROXYV2', 'UDP', 'SCTP');
const algorithm = oneOf('ROUND_ROBIN', 'LEAST_CONNECTIONS', 'SOURCE_IP');

export const pool = z.strictObject({
  ...poolFields,
  protocol: mandatory(poolProtocol),
  lb_algorithm: defaulted(algorithm, 'ROUND_ROBIN'),
});

/** A pool where the API nests one: in full, or nothing but the id or name of one that stands elsewhere. */
export const nestedPool = z.strictObject({
  ...poolFields,
  protocol: optional(poolProtocol),
  lb_algorithm: defaulted(algorithm, 'ROUND_ROBIN'),
});

export const policy = z.strictObject({
  ...named,
  ...ignored('listener_id'),
  action: mandatory(oneOf('REJECT', 'REDIRECT_TO_URL', 'REDIRECT_TO_POOL', 'REDIRECT_PREFIX')),
  position: optional(kind.position),
  redirect_url: optional(kind.url),
  redirect_prefix: optional(kind.url),
  redirect_pool: orNull(nestedPool),
  redirect_pool_id: optional(kind.idOrNothing),
  redirect_http_code: optional(oneOf(301, 302, 303, 307, 308)),
  rules: list(rule),
});

export const listener = z.strictObject({
  ...named,
  ...ignored('loadbalancers', 'loadbalancer_id'),
  protocol: mandatory(oneOf('HTTP', 'HTTPS', 'TCP', 'TERMINATED_HTTPS', 'PROMETHEUS', 'UDP', 'SCTP')),
  protocol_port: mandatory(kind.port),
  connection_limit: defaulted(kind.connectionLimit, -1),
  default_pool: orNull(nestedPool),
  default_pool_id: optional(kind.idOrNothing),
  insert_headers: orNull(z.partialRecord(z.enum(INSERT_HEADERS), mandatory(note(255)))),
  allowed_cidrs: optionalList(mandatory(kind.network)).transform((found) => found && [...new Set(found)]),
  l7policies: list(policy),
  default_tls_container_ref: optional(kind.reference),
  sni_container_refs: list(mandatory(kind.reference)),
  client_ca_tls_container_ref: optional(kind.reference),
  client_authentication: defaulted(oneOf('NONE', 'OPTIONAL', 'MANDATORY'), 'NONE'),
  client_crl_container_ref: optional(kind.reference),
  ...encryption,
  hsts_max_age: optional(kind.maxAge),
  hsts_include_subdomains: optional(flag),
  hsts_preload: optional(flag),
  timeout_client_data: milliseconds(50_000),
  timeout_member_connect: milliseconds(5_000),
  timeout_member_data: milliseconds(50_000),
  timeout_tcp_inspect: milliseconds(0),
});

function milliseconds(unset: number) {
  // Upstream takes 0 for "not set" as well.
  return defaulted(kind.timeoutMs, unset).transform((given) => given || unset);
}

export const hostRoute = z.strictObject({
  destination: mandatory(kind.network),
  nexthop: mandatory(kind.address),
});
/** A subnet's own figures, which Octavia asks Neutron for: given where the files are to be known beforehand. */
const subnet = {
  subnet_cidr: optional(kind.network),
  gateway_ip: optional(kind.address),
  host_routes: list(hostRoute),
};
export const additionalVip = z.strictObject({
  ...subnet,
  subnet_id: optional(kind.id),
  port_id: optional(kind.id),
  ip_address: optional(kind.address),
});

/** An amphora that the load balancer is to have, where its figures must be known beforehand. */
export const givenAmphora = z.strictObject({
  id: mandatory(kind.id),
  role: mandatory(oneOf('MASTER', 'BACKUP', 'STANDALONE')),
  vrrp_ip: mandatory(kind.address),
  vrrp_priority: optional(kind.priority),
});

export const loadBalancer = z.strictObject({
  ...named,
  ...ignored('flavor', 'vip_vnic_type'),
  project_id: optional(kind.project),
  tenant_id: optional(kind.project),
  provider: optional(note(64)),
  flavor_id: optional(kind.idOrNothing),
  availability_zone: optional(note(255)),
  vip_address: optional(kind.address),
  vip_network_id: optional(kind.id),
  vip_subnet_id: optional(kind.id),
  vip_port_id: optional(kind.id),
  vip_qos_policy_id: optional(kind.id),
  vip_sg_ids: list(mandatory(kind.id)),
  topology: optional(oneOf('ACTIVE_STANDBY', 'SINGLE')),
  ...subnet,
  additional_vips: list(additionalVip),
  amphorae: orNull(z.array(givenAmphora, { error: 'must be a list' }).min(1, 'must name one')),
  listeners: list(listener),
  pools: list(pool),
});

/** By the field that holds them, in a body or in each other. */
export const NESTED = {
  loadbalancer: loadBalancer,
  amphorae: givenAmphora,
  additional_vips: additionalVip,
  host_routes: hostRoute,
  listener,
  listeners: listener,
  l7policy: policy,
  l7policies: policy,
  rule,
  rules: rule,
  pool,
  pools: pool,
  default_pool: nestedPool,
  redirect_pool: nestedPool,
  session_persistence: persistence,
  member,
  members: member,
  healthmonitor: healthMonitor,
} as const;

export type Given = {
  readonly loadBalancer: z.output<typeof loadBalancer>;
  readonly amphora: z.output<typeof givenAmphora>;
  readonly listener: z.output<typeof listener>;
  readonly policy: z.output<typeof policy>;
  readonly rule: z.output<typeof rule>;
  readonly pool: z.output<typeof pool>;
  readonly nestedPool: z.output<typeof nestedPool>;
  readonly member: z.output<typeof member>;
  readonly healthMonitor: z.output<typeof healthMonitor>;
};
