import { closest } from 'fastest-levenshtein';
import { flag } from './field.ts';
import { refuse, Unsupported } from './invalid.ts';

/** The objects with a body in the API, by the name that encloses them there. */
export type RequestKind =
  | 'loadbalancer'
  | 'listener'
  | 'pool'
  | 'member'
  | 'healthmonitor'
  | 'l7policy'
  | 'rule';

interface RequestFields {
  /** Those of a POST; `nested` stands for those that an object has within another as well. */
  readonly create: readonly string[];
  readonly nested: readonly string[];
  readonly update: readonly string[];
  /** In addition to those that every description of a load balancer needs. */
  readonly mandatory?: readonly string[];
}

const words = (text: string) => text.split(/\s+/);

const TLS = 'tls_ciphers tls_versions alpn_protocols';
const SUBNET = 'subnet_cidr gateway_ip host_routes';
const LISTENER = `name description admin_state_up connection_limit default_tls_container_ref sni_container_refs
  default_pool_id insert_headers timeout_client_data timeout_member_connect timeout_member_data
  timeout_tcp_inspect tags client_ca_tls_container_ref client_authentication client_crl_container_ref
  allowed_cidrs ${TLS} hsts_max_age hsts_include_subdomains hsts_preload`;
const POOL = `name description admin_state_up lb_algorithm session_persistence tags tls_container_ref
  ca_tls_container_ref crl_container_ref tls_enabled ${TLS}`;
const MEMBER = 'name admin_state_up weight backup monitor_address monitor_port tags';
const NEW_MEMBER = `${MEMBER} address protocol_port subnet_id request_sriov`;
const MONITOR = `name admin_state_up delay timeout max_retries max_retries_down http_method url_path
  expected_codes tags http_version domain_name`;
const POLICY = `name description admin_state_up action redirect_url redirect_prefix position tags
  redirect_http_code`;
const RULE = 'type compare_type key value invert admin_state_up tags';

/**
 * The fields of requests (octavia/api/v2/types: the POST, SingleCreate and PUT types). Beyond upstream's, a load
 * balancer may say its topology, for which upstream has flavors, and its subnets, which upstream asks Neutron for.
 */
const FIELDS: Readonly<Record<RequestKind, RequestFields>> = {
  loadbalancer: {
    create: words(`name description admin_state_up vip_address vip_port_id vip_subnet_id vip_network_id
      vip_qos_policy_id vip_sg_ids additional_vips project_id tenant_id listeners pools provider tags flavor_id
      availability_zone topology ${SUBNET}`),
    nested: [],
    update: words('name description vip_qos_policy_id admin_state_up vip_sg_ids tags'),
  },
  listener: {
    create: words(`${LISTENER} protocol protocol_port project_id tenant_id default_pool l7policies
      loadbalancer_id`),
    nested: words(`${LISTENER} protocol protocol_port default_pool l7policies`),
    update: words(LISTENER),
  },
  pool: {
    create: words(`${POOL} protocol listener_id loadbalancer_id project_id tenant_id healthmonitor members`),
    nested: words(`${POOL} protocol healthmonitor members`),
    update: words(POOL),
    mandatory: ['lb_algorithm'],
  },
  member: {
    create: words(`${NEW_MEMBER} project_id tenant_id`),
    nested: words(NEW_MEMBER),
    update: words(MEMBER),
  },
  healthmonitor: {
    create: words(`${MONITOR} type pool_id project_id tenant_id`),
    nested: words(`${MONITOR} type`),
    update: words(MONITOR),
  },
  l7policy: {
    create: words(`${POLICY} redirect_pool_id listener_id rules project_id tenant_id`),
    nested: words(`${POLICY} redirect_pool rules`),
    update: words(`${POLICY} redirect_pool_id`),
  },
  rule: { create: words(`${RULE} project_id tenant_id`), nested: words(RULE), update: words(RULE) },
};

/** What objects hold, by the field. */
const HELD: Readonly<Record<string, RequestKind>> = {
  listeners: 'listener',
  pools: 'pool',
  default_pool: 'pool',
  redirect_pool: 'pool',
  l7policies: 'l7policy',
  rules: 'rule',
  members: 'member',
  healthmonitor: 'healthmonitor',
};

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * Refuses fields that only a file may have.
 *
 * @throws InvalidLoadBalancer
 */
export function refuseUnknownFields(kind: RequestKind, call: 'create' | 'update', body: Json): void {
  refuseWithin(kind, body, call, '');
}

function refuseWithin(kind: RequestKind, body: Json, call: keyof RequestFields, place: string): void {
  const allowed = FIELDS[kind][call] ?? [];
  const at = (field: string) => (place ? `${place}.${field}` : field);
  for (const field of Object.keys(body)) {
    if (allowed.includes(field)) continue;
    if (call === 'update' && FIELDS[kind].create.includes(field)) {
      refuse(at(field), `cannot be changed for as long as the ${kind} lives`);
    }
    refuse(at(field), `there is no such field; the nearest is "${closest(field, [...allowed])}"`);
  }
  if (call !== 'update' && !isReference(kind, body)) {
    for (const field of FIELDS[kind].mandatory ?? []) {
      if (body[field] === undefined || body[field] === null) refuse(at(field), 'is missing');
    }
  }
  refuseEmptyLists(kind, body, call, at);
  if (kind === 'pool' && body.lb_algorithm === 'SOURCE_IP_PORT') {
    throw new Unsupported(`${at('lb_algorithm')}: amphorae do not balance by SOURCE_IP_PORT`);
  }
  for (const [field, held] of Object.entries(HELD)) {
    const value = allowed.includes(field) ? body[field] : undefined;
    if (Array.isArray(value)) {
      for (const [n, entry] of value.entries()) {
        if (isObject(entry)) refuseWithin(held, entry, 'nested', `${at(field)}[${n}]`);
      }
    } else if (isObject(value)) refuseWithin(held, value, 'nested', at(field));
  }
}

/** Checks what is served by TLS (octavia/common/validate.py, check_tls_version_list and check_alpn_protocols). */
function refuseEmptyLists(
  kind: RequestKind,
  body: Json,
  call: keyof RequestFields,
  at: (field: string) => string,
): void {
  const usesTls =
    (kind === 'listener' && body.protocol === 'TERMINATED_HTTPS') ||
    (kind === 'pool' && flag.read(body.tls_enabled) === true);
  if (!usesTls && call !== 'update') return;
  for (const field of ['tls_versions', 'alpn_protocols']) {
    const value = body[field];
    if (Array.isArray(value) && value.length === 0) {
      refuse(at(field), 'must name one, or be left out for the default; found []');
    }
  }
}

/** Whether nothing but a name or an id stands where a pool may. */
export function isReference(kind: RequestKind, body: Json): boolean {
  const given = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  return kind === 'pool' && given.length === 1 && ('name' in body || 'id' in body);
}
