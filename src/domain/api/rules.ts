import { contains, ipVersion } from '../address.ts';
import type { L7Rule, Listener, LoadBalancer, Pool } from '../load-balancer.ts';
import { transportOf } from '../protocol.ts';
import { InvalidLoadBalancer } from './invalid.ts';

/** Pools that a listener's requests may go to (octavia/common/constants.py, VALID_LISTENER_POOL_PROTOCOL_MAP). */
const POOLS_OF: Readonly<Record<Listener['protocol'], readonly Pool['protocol'][]>> = {
  TCP: ['HTTP', 'HTTPS', 'PROXY', 'PROXYV2', 'TCP'],
  HTTP: ['HTTP', 'PROXY', 'PROXYV2'],
  HTTPS: ['HTTPS', 'PROXY', 'PROXYV2', 'TCP'],
  TERMINATED_HTTPS: ['HTTP', 'PROXY', 'PROXYV2'],
  PROMETHEUS: [],
  UDP: ['UDP'],
  SCTP: ['SCTP'],
};
const LVS_MONITORS = ['UDP-CONNECT', 'SCTP', 'TCP', 'HTTP'];
const HAPROXY_MONITORS = ['HTTP', 'HTTPS', 'TCP', 'PING', 'TLS-HELLO'];
const EQUAL_ONLY = ['SSL_CONN_HAS_CERT', 'SSL_VERIFY_RESULT'];

/**
 * What no single field shows: objects that do not fit together (octavia/api/v2/controllers, octavia/common/validate.py).
 *
 * @throws InvalidLoadBalancer
 */
export function refuseContradictions(loadBalancer: LoadBalancer): void {
  refuseTwice(loadBalancer);
  refuseAddresses(loadBalancer);
  for (const [n, listener] of loadBalancer.listeners.entries()) {
    refuseListener(loadBalancer, listener, `listeners[${n}]`);
  }
  for (const pool of loadBalancer.pools) refusePool(pool, `pool ${pool.name ?? pool.id}`);
}

function refuse(place: string, reason: string): never {
  throw new InvalidLoadBalancer(`${place}: ${reason}`);
}

function refuseTwice({ listeners, pools }: LoadBalancer): void {
  const taken = new Set<string>();
  for (const [n, entry] of listeners.entries()) {
    const port = `${transportOf(entry.protocol)} ${entry.protocol_port}`;
    if (taken.has(port)) {
      refuse(`listeners[${n}].protocol_port`, `${entry.protocol_port} is taken by another listener`);
    }
    taken.add(port);
  }
  const policies = listeners.flatMap((entry) => entry.l7policies);
  const ids = [
    ...listeners,
    ...policies,
    ...policies.flatMap((entry) => entry.rules),
    ...pools,
    ...pools.flatMap((entry) => entry.members),
  ].map((entry) => entry.id);
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) refuse('id', `${id} is used twice`);
    seen.add(id);
  }
}

function refuseAddresses({ vip_address, subnet, additional_vips, amphorae, topology }: LoadBalancer): void {
  const vips = [
    { field: 'vip_address', ip_address: vip_address, ...subnet },
    ...additional_vips.map((vip, n) => ({ field: `additional_vips[${n}].ip_address`, ...vip })),
  ];
  for (const { field, ip_address, subnet_cidr } of vips) {
    if (ip_address && subnet_cidr && !contains(subnet_cidr, ip_address)) {
      refuse(field, `must lie in its subnet_cidr ${subnet_cidr}; found ${ip_address}`);
    }
  }
  if (!amphorae) return;
  const roles = amphorae.map((amphora) => amphora.role).sort();
  const wanted = topology === 'SINGLE' ? ['STANDALONE'] : ['BACKUP', 'MASTER'];
  if (roles.join() !== wanted.join()) {
    refuse('amphorae', `${topology} has one each of ${wanted.join(', ')}; found ${roles.join(', ')}`);
  }
  if (new Set(amphorae.map((amphora) => amphora.vrrp_ip)).size < amphorae.length) {
    refuse('amphorae[1].vrrp_ip', `${amphorae[1]?.vrrp_ip} is the other amphora's`);
  }
}

function refuseListener(loadBalancer: LoadBalancer, listener: Listener, place: string): void {
  const { protocol } = listener;
  const fits = (poolId: string | undefined, field: string) => {
    const pool = loadBalancer.pools.find((entry) => entry.id === poolId);
    const allowed = POOLS_OF[protocol];
    if (pool && !allowed.includes(pool.protocol)) {
      refuse(field, `a listener of ${protocol} takes pools of ${allowed.join(', ')}; found ${pool.protocol}`);
    }
  };
  fits(listener.default_pool_id, `${place}.default_pool`);
  for (const [n, policy] of listener.l7policies.entries()) {
    const at = `${place}.l7policies[${n}]`;
    fits(policy.redirect_pool_id, `${at}.redirect_pool`);
    const needed = {
      REJECT: undefined,
      REDIRECT_TO_URL: 'redirect_url',
      REDIRECT_PREFIX: 'redirect_prefix',
      REDIRECT_TO_POOL: 'redirect_pool_id',
    } as const;
    const field = needed[policy.action];
    if (field && !policy[field]) {
      refuse(`${at}.${field.replace(/_id$/, '')}`, `is missing; the action ${policy.action} needs it`);
    }
    for (const [m, rule] of policy.rules.entries()) refuseRule(rule, `${at}.rules[${m}]`);
  }
  refuseTls(listener, place);
  const vips = [loadBalancer.vip_address, ...loadBalancer.additional_vips.map((vip) => vip.ip_address)];
  for (const [n, cidr] of (listener.allowed_cidrs ?? []).entries()) {
    const versions = vips.filter((vip) => vip !== undefined).map(ipVersion);
    if (versions.length > 0 && !versions.includes(ipVersion(cidr))) {
      refuse(`${place}.allowed_cidrs[${n}]`, `no VIP is of the IP version of ${cidr}`);
    }
  }
}

function refuseTls(listener: Listener, place: string): void {
  const { protocol } = listener;
  const terminated = protocol === 'TERMINATED_HTTPS';
  if (terminated && !listener.default_tls_container_ref && listener.sni_container_refs.length === 0) {
    refuse(
      `${place}.default_tls_container_ref`,
      'missing; a TERMINATED_HTTPS listener needs file:PATH of a PEM with certificate and key',
    );
  }
  for (const field of ['default_tls_container_ref', 'client_ca_tls_container_ref', 'hsts_max_age'] as const) {
    if (!terminated && listener[field] !== undefined) {
      refuse(`${place}.${field}`, `only TERMINATED_HTTPS listeners have it; this one is of ${protocol}`);
    }
  }
  for (const [header, value] of Object.entries(listener.insert_headers)) {
    if (protocol === 'HTTP' || terminated) {
      if (header.startsWith('X-SSL-') && !terminated) {
        refuse(
          `${place}.insert_headers.${header}`,
          `only TERMINATED_HTTPS listeners have it; this one is of HTTP`,
        );
      }
      if (!/^(true|false)$/i.test(value)) {
        refuse(`${place}.insert_headers.${header}`, `must be "true" or "false"; found "${value}"`);
      }
    } else {
      refuse(`${place}.insert_headers`, `a listener of ${protocol} inserts no headers`);
    }
  }
  if (listener.client_authentication !== 'NONE' && !listener.client_ca_tls_container_ref) {
    refuse(
      `${place}.client_ca_tls_container_ref`,
      `is missing; client_authentication ${listener.client_authentication} needs it`,
    );
  }
  if (listener.client_crl_container_ref && !listener.client_ca_tls_container_ref) {
    refuse(`${place}.client_ca_tls_container_ref`, 'is missing; client_crl_container_ref needs it');
  }
  if ((listener.hsts_include_subdomains || listener.hsts_preload) && listener.hsts_max_age === undefined) {
    refuse(`${place}.hsts_max_age`, 'is missing; hsts_include_subdomains and hsts_preload need it');
  }
}

function refuseRule(rule: L7Rule, place: string): void {
  const keyed = rule.type === 'HEADER' || rule.type === 'COOKIE' || rule.type === 'SSL_DN_FIELD';
  if (keyed && !rule.key) refuse(`${place}.key`, `is missing; a rule of ${rule.type} needs it`);
  if (rule.type === 'SSL_DN_FIELD' && !/^[a-zA-Z][A-Za-z0-9-]*$/.test(rule.key ?? '')) {
    refuse(`${place}.key`, `must be the name of a field, e.g. CN; found "${rule.key}"`);
  }
  if (EQUAL_ONLY.includes(rule.type) && rule.compare_type !== 'EQUAL_TO') {
    refuse(`${place}.compare_type`, `must be EQUAL_TO for ${rule.type}; found ${rule.compare_type}`);
  }
  if (rule.type === 'FILE_TYPE' && rule.compare_type !== 'EQUAL_TO' && rule.compare_type !== 'REGEX') {
    refuse(
      `${place}.compare_type`,
      `must be one of REGEX, EQUAL_TO for FILE_TYPE; found ${rule.compare_type}`,
    );
  }
  if (rule.type === 'SSL_CONN_HAS_CERT' && !/^true$/i.test(rule.value)) {
    refuse(`${place}.value`, `must be "true" for SSL_CONN_HAS_CERT; found "${rule.value}"`);
  }
  if (rule.type === 'SSL_VERIFY_RESULT' && !/^\d{1,5}$/.test(rule.value)) {
    refuse(`${place}.value`, `must be a whole number for SSL_VERIFY_RESULT; found "${rule.value}"`);
  }
}

function refusePool(pool: Pool, place: string): void {
  const { session_persistence: persistence, healthmonitor: monitor } = pool;
  const lvs = pool.protocol === 'UDP' || pool.protocol === 'SCTP';
  if (persistence?.type === 'APP_COOKIE' && !persistence.cookie_name) {
    refuse(place, 'APP_COOKIE persistence needs cookie_name');
  }
  if (lvs && persistence && persistence.type !== 'SOURCE_IP') {
    refuse(
      `${place}.session_persistence.type`,
      `must be SOURCE_IP in a pool of ${pool.protocol}; found ${persistence.type}`,
    );
  }
  if (!lvs && (persistence?.persistence_timeout || persistence?.persistence_granularity)) {
    refuse(`${place}.session_persistence`, 'only UDP and SCTP pools have a timeout and a granularity');
  }
  const monitors = lvs ? LVS_MONITORS : HAPROXY_MONITORS;
  if (monitor && !monitors.includes(monitor.type)) {
    refuse(
      `${place}.healthmonitor.type`,
      `must be one of ${monitors.join(', ')} in a pool of ${pool.protocol}; found ${monitor.type}`,
    );
  }
  const [low, high] = monitor?.expected_codes.split('-').map(Number) ?? [];
  if (low !== undefined && high !== undefined && low > high) {
    refuse(`${place}.healthmonitor.expected_codes`, `must rise; found ${monitor?.expected_codes}`);
  }
  if (monitor?.domain_name && monitor.http_version !== 1.1) {
    refuse(`${place}.healthmonitor.http_version`, 'must be 1.1 where there is a domain_name');
  }
  if (pool.crl_container_ref && !pool.ca_tls_container_ref) {
    refuse(`${place}.ca_tls_container_ref`, 'is missing; crl_container_ref needs it');
  }
}
