import type { Amphora } from '../domain/amphora.ts';
import type { L7Policy, L7Rule, Listener, LoadBalancer, Member, Pool } from '../domain/load-balancer.ts';
import type { Settings } from '../domain/settings.ts';
import { PATHS } from './paths.ts';
import { peerName } from './peer-name.ts';

/** The port on which an amphora's HAProxy talks to its peer. */
export const PEERS_PORT = 1025;
/** For listeners that set none: Rocky's HAPROXY_MAX_MAXCONN, and today's default_connection_limit. */
const DEFAULT_CONNECTION_LIMIT = { rocky: 1_000_000, current: 50_000 } as const;

const INDENT = '    ';
const BALANCE = { ROUND_ROBIN: 'roundrobin', LEAST_CONNECTIONS: 'leastconn', SOURCE_IP: 'source' } as const;
const CLIENT_AUTHENTICATION = { NONE: 'none', OPTIONAL: 'optional', MANDATORY: 'required' } as const;
const COMPARE = {
  REGEX: '-m reg',
  STARTS_WITH: '-m beg',
  ENDS_WITH: '-m end',
  CONTAINS: '-m sub',
  EQUAL_TO: '-m str',
} as const;
const TLS_OPTIONS = {
  SSLv3: 'no-sslv3',
  TLSv1: 'no-tlsv10',
  'TLSv1.1': 'no-tlsv11',
  'TLSv1.2': 'no-tlsv12',
  'TLSv1.3': 'no-tlsv13',
} as const;

export interface HaproxyInput {
  readonly loadBalancer: LoadBalancer;
  /** Those of the load balancer that this process serves: all of them (API 1.0), or one (API 0.5). */
  readonly listeners: readonly Listener[];
  /** Names the process, its folder and its socket: the load balancer's id, or the listener's. */
  readonly id: string;
  readonly vipAddress: string;
  readonly amphorae: readonly Amphora[];
  readonly settings: Settings;
  /** Files of certificates in the amphora by their container reference. */
  readonly certificatePath?: (reference: string) => string;
}

/**
 * haproxy.cfg as Octavia renders it (octavia/common/jinja/haproxy/combined_listeners/templates), for
 * HAProxy 2.2 and later.
 */
export function renderHaproxy(input: HaproxyInput): string {
  const { loadBalancer, settings } = input;
  const listeners = loadBalancer.admin_state_up
    ? input.listeners.filter((entry) => entry.admin_state_up)
    : [];
  const peers =
    loadBalancer.topology === 'ACTIVE_STANDBY' ? `${input.id.replaceAll('-', '')}_peers` : undefined;
  const context = { ...input, peers };
  const sections = [
    globalSection(context, listeners),
    section('defaults', [
      'log global',
      'retries 3',
      'option redispatch',
      ...(settings.profile === 'current'
        ? ['option splice-request', 'option splice-response', 'option http-keep-alive']
        : []),
    ]),
    ...(peers
      ? [
          section(
            `peers ${peers}`,
            input.amphorae.map(({ id, vrrp_ip }) => `peer ${peerName(id)} ${vrrp_ip}:${PEERS_PORT}`),
          ),
        ]
      : []),
    ...listeners.flatMap((listener) => [
      frontend(context, listener),
      ...poolsOf(loadBalancer, listener).map((pool) => backend(context, listener, pool)),
    ]),
  ];
  return `# Configuration for loadbalancer ${loadBalancer.id}\n${sections.join('\n')}`;
}

type Context = HaproxyInput & { readonly peers: string | undefined };

/** The pools that a listener's requests may reach, each once. */
function poolsOf(loadBalancer: LoadBalancer, listener: Listener): Pool[] {
  const ids = new Set([
    listener.default_pool_id,
    ...listener.l7policies.map((policy) => policy.redirect_pool_id),
  ]);
  return loadBalancer.pools.filter((pool) => pool.admin_state_up && ids.has(pool.id));
}

function globalSection({ id, loadBalancer, settings }: Context, listeners: readonly Listener[]): string {
  const files = PATHS.haproxy(id);
  const wanted =
    listeners.reduce((sum, listener) => sum + connectionLimit(listener, settings), 0) ||
    DEFAULT_CONNECTION_LIMIT[settings.profile];
  const pings = listeners
    .flatMap((listener) => poolsOf(loadBalancer, listener))
    .some((pool) => pool.healthmonitor?.admin_state_up && pool.healthmonitor.type === 'PING');
  return section('global', [
    'daemon',
    'user nobody',
    'log /dev/log local0',
    'log /dev/log local1 notice',
    `stats socket ${files.socket} mode 0666 level user`,
    ...(settings.profile === 'current' ? [`server-state-file ${files.stateFile}`] : []),
    `maxconn ${Math.min(wanted, settings.haproxy_maxconn)}`,
    ...(pings ? ['external-check', 'insecure-fork-wanted'] : []),
  ]);
}

/** A listener's own limit, and never more than the process may have. */
function connectionLimit(listener: Listener, { profile, haproxy_maxconn }: Settings): number {
  const wanted =
    listener.connection_limit > -1 ? listener.connection_limit : DEFAULT_CONNECTION_LIMIT[profile];
  return Math.min(wanted, haproxy_maxconn);
}

function mode(protocol: Listener['protocol'] | Pool['protocol']): 'http' | 'tcp' {
  return protocol === 'HTTP' || protocol === 'TERMINATED_HTTPS' ? 'http' : 'tcp';
}

function frontend(context: Context, listener: Listener): string {
  const http = mode(listener.protocol) === 'http';
  const defaultPool = poolsOf(context.loadBalancer, listener).find(
    (pool) => pool.id === listener.default_pool_id,
  );
  const terminated = listener.protocol === 'TERMINATED_HTTPS';
  return section(`frontend ${listener.id}`, [
    `option ${http ? 'httplog' : 'tcplog'}`,
    `maxconn ${connectionLimit(listener, context.settings)}`,
    ...(terminated ? ['redirect scheme https if !{ ssl_fc }'] : []),
    ...(terminated && listener.hsts_max_age != null
      ? [`http-response set-header Strict-Transport-Security "${hsts(listener)}"`]
      : []),
    bind(context, listener),
    `mode ${mode(listener.protocol)}`,
    ...(http ? listener.l7policies.flatMap((policy) => l7policy(context, listener, policy)) : []),
    ...(defaultPool ? [`default_backend ${backendName(context, listener, defaultPool)}`] : []),
    `timeout client ${listener.timeout_client_data}`,
    ...(listener.timeout_tcp_inspect > 0
      ? [`tcp-request inspect-delay ${listener.timeout_tcp_inspect}`]
      : []),
  ]);
}

function hsts(listener: Listener): string {
  return [
    `max-age=${listener.hsts_max_age};`,
    ...(listener.hsts_include_subdomains ? ['includeSubDomains;'] : []),
    ...(listener.hsts_preload ? ['preload;'] : []),
  ].join(' ');
}

function bind({ vipAddress, certificatePath, loadBalancer }: Context, listener: Listener): string {
  const options: string[] = [];
  const path = (reference: string | null | undefined) =>
    reference ? certificatePath?.(reference) : undefined;
  if (listener.protocol === 'TERMINATED_HTTPS') {
    options.push(`ssl crt-list ${PATHS.certificates(loadBalancer.id)}/${listener.id}.pem`);
    const ca = path(listener.client_ca_tls_container_ref);
    if (ca) options.push(`ca-file ${ca} verify ${CLIENT_AUTHENTICATION[listener.client_authentication]}`);
    const crl = path(listener.client_crl_container_ref);
    if (ca && crl) options.push(`crl-file ${crl}`);
    options.push(...tlsOptions(listener));
    if (listener.alpn_protocols) options.push(`alpn ${listener.alpn_protocols.join(',')}`);
  }
  return ['bind', `${vipAddress}:${listener.protocol_port}`, ...options].join(' ');
}

function tlsOptions(side: Pick<Listener, 'tls_ciphers' | 'tls_versions'>): string[] {
  const versions = side.tls_versions;
  return [
    ...(side.tls_ciphers ? [`ciphers ${side.tls_ciphers}`] : []),
    ...(versions
      ? Object.entries(TLS_OPTIONS)
          .filter(([version]) => !versions.includes(version as keyof typeof TLS_OPTIONS))
          .map(([, option]) => option)
      : []),
  ];
}

function l7policy(context: Context, listener: Listener, policy: L7Policy): string[] {
  const rules = policy.rules.filter((rule) => rule.admin_state_up);
  if (!policy.admin_state_up || rules.length === 0) return [];
  const condition = `if ${rules.map((rule) => `${rule.invert ? '!' : ''}${rule.id}`).join(' ')}`;
  const code = policy.redirect_http_code ? ` code ${policy.redirect_http_code}` : '';
  const pool = context.loadBalancer.pools.find(
    (entry) => entry.id === policy.redirect_pool_id && entry.admin_state_up,
  );
  const actions = {
    REJECT: () => `http-request deny ${condition}`,
    REDIRECT_TO_URL: () => `redirect${code} location ${policy.redirect_url} ${condition}`,
    REDIRECT_PREFIX: () => `redirect${code} prefix ${policy.redirect_prefix} ${condition}`,
    REDIRECT_TO_POOL: () =>
      pool ? `use_backend ${backendName(context, listener, pool)} ${condition}` : undefined,
  } as const;
  const action = actions[policy.action]();
  return [...rules.map(l7rule), ...(action ? [action] : [])];
}

/** One word of HAProxy's configuration, whatever it holds (HAProxy's configuration manual, section 2.2). */
function quoted(text: string): string {
  return text.replace(/[\\ \t"'#]/g, '\\$&');
}

function l7rule(rule: L7Rule): string {
  const compare = COMPARE[rule.compare_type];
  const value = quoted(rule.value);
  switch (rule.type) {
    case 'HOST_NAME':
      return `acl ${rule.id} req.hdr(host) -i ${compare} ${value}`;
    case 'PATH':
      return `acl ${rule.id} path ${compare} ${value}`;
    case 'FILE_TYPE':
      // HAProxy refuses `path_end -m str`, and path_end alone compares just so.
      return `acl ${rule.id} path_end ${rule.compare_type === 'EQUAL_TO' ? '' : `${compare} `}${value}`;
    case 'HEADER':
      return `acl ${rule.id} req.hdr(${rule.key}) ${compare} ${value}`;
    case 'COOKIE':
      return `acl ${rule.id} req.cook(${rule.key}) ${compare} ${value}`;
    case 'SSL_CONN_HAS_CERT':
      return `acl ${rule.id} ssl_c_used`;
    case 'SSL_VERIFY_RESULT':
      return `acl ${rule.id} ssl_c_verify eq ${value}`;
    case 'SSL_DN_FIELD':
      return `acl ${rule.id} ssl_c_s_dn(${rule.key}) ${compare} ${value}`;
  }
}

/** Where one process serves all listeners, a pool has a backend for each listener that reaches it. */
function backendName({ settings }: Context, listener: Listener, pool: Pool): string {
  return settings.profile === 'current' ? `${pool.id}:${listener.id}` : pool.id;
}

function backend(context: Context, listener: Listener, pool: Pool): string {
  const proxied = pool.protocol === 'PROXY' || pool.protocol === 'PROXYV2';
  const poolMode = proxied ? mode(listener.protocol) : mode(pool.protocol);
  const monitor = pool.healthmonitor?.admin_state_up ? pool.healthmonitor : undefined;
  return section(`backend ${backendName(context, listener, pool)}`, [
    `mode ${poolMode}`,
    ...(poolMode === 'http' && context.settings.profile === 'current' ? ['http-reuse safe'] : []),
    `balance ${BALANCE[pool.lb_algorithm]}`,
    ...persistence(context, pool),
    ...(monitor && context.settings.profile === 'current' ? ['load-server-state-from-file global'] : []),
    ...healthChecks(monitor),
    ...insertedHeaders(listener, pool),
    `fullconn ${connectionLimit(listener, context.settings)}`,
    'option allbackups',
    `timeout connect ${listener.timeout_member_connect}`,
    `timeout server ${listener.timeout_member_data}`,
    ...pool.members.map((member) => server(context, listener, pool, member)),
  ]);
}

function persistence({ peers }: Context, pool: Pool): string[] {
  const shared = peers ? ` peers ${peers}` : '';
  switch (pool.session_persistence?.type) {
    case 'SOURCE_IP':
      return [`stick-table type ip size 10k${shared}`, 'stick on src'];
    case 'HTTP_COOKIE':
      return ['cookie SRV insert indirect nocache'];
    case 'APP_COOKIE': {
      const cookie = pool.session_persistence.cookie_name;
      return [
        `stick-table type string len 64 size 10k${shared}`,
        `stick store-response res.cook(${cookie})`,
        `stick match req.cook(${cookie})`,
      ];
    }
    case undefined:
      return [];
  }
}

function healthChecks(monitor: Pool['healthmonitor']): string[] {
  if (!monitor) return [];
  const lines = [`timeout check ${monitor.timeout}s`];
  if (monitor.type === 'HTTP' || monitor.type === 'HTTPS') {
    const version = monitor.http_version ? ` HTTP/${monitor.http_version.toFixed(1)}` : '';
    lines.push(`option httpchk ${monitor.http_method} ${monitor.url_path}${version}`);
    if (monitor.http_version === 1.1 && monitor.domain_name) {
      lines.push(`http-check send hdr Host ${monitor.domain_name}`);
    }
    lines.push(`http-check expect rstatus ${expectedCodes(monitor.expected_codes)}`);
  }
  if (monitor.type === 'TLS-HELLO') lines.push('option ssl-hello-chk');
  if (monitor.type === 'PING') {
    lines.push('option external-check', `external-check command ${PATHS.base}/ping-wrapper.sh`);
  }
  return lines;
}

/** `200-204` and `200,202` as the alternatives of a regular expression. */
function expectedCodes(codes: string): string {
  const [first, last] = codes.split('-').map(Number);
  if (first === undefined || last === undefined) return codes.replaceAll(',', '|');
  return Array.from({ length: last - first + 1 }, (_, n) => first + n).join('|');
}

const CLIENT_CERTIFICATE_HEADERS = {
  'X-SSL-Client-Verify': '%[ssl_c_verify]',
  'X-SSL-Client-Has-Cert': '%[ssl_c_used]',
  'X-SSL-Client-DN': '%{+Q}[ssl_c_s_dn]',
  'X-SSL-Client-CN': '%{+Q}[ssl_c_s_dn(cn)]',
  'X-SSL-Issuer': '%{+Q}[ssl_c_i_dn]',
  'X-SSL-Client-SHA1': '%{+Q}[ssl_c_sha1,hex]',
  'X-SSL-Client-Not-Before': '%{+Q}[ssl_c_notbefore]',
  'X-SSL-Client-Not-After': '%{+Q}[ssl_c_notafter]',
} as const;

function insertedHeaders(listener: Listener, pool: Pool): string[] {
  const wanted = (header: string) => listener.insert_headers[header]?.toLowerCase() === 'true';
  const lines: string[] = [];
  if (mode(pool.protocol) === 'http') {
    if (wanted('X-Forwarded-For')) lines.push('option forwardfor');
    if (wanted('X-Forwarded-Port')) lines.push('http-request set-header X-Forwarded-Port %[dst_port]');
  }
  if (wanted('X-Forwarded-Proto') && mode(listener.protocol) === 'http') {
    const scheme = listener.protocol === 'HTTP' ? 'http' : 'https';
    lines.push(`http-request set-header X-Forwarded-Proto ${scheme}`);
  }
  if (listener.protocol === 'TERMINATED_HTTPS') {
    for (const [header, value] of Object.entries(CLIENT_CERTIFICATE_HEADERS)) {
      if (wanted(header)) lines.push(`http-request set-header ${header} ${value}`);
    }
  }
  return lines;
}

function server({ certificatePath }: Context, listener: Listener, pool: Pool, member: Member): string {
  const monitor = pool.healthmonitor?.admin_state_up ? pool.healthmonitor : undefined;
  const parts = [`server ${member.id} ${member.address}:${member.protocol_port} weight ${member.weight}`];
  const path = (reference: string | null | undefined) =>
    reference ? certificatePath?.(reference) : undefined;
  if (monitor) {
    const tls = monitor.type === 'HTTPS' ? ' check-ssl verify none' : '';
    parts.push(
      `check${tls} inter ${monitor.delay}s fall ${monitor.max_retries_down} rise ${monitor.max_retries}`,
      ...(member.monitor_address ? [`addr ${member.monitor_address}`] : []),
      ...(member.monitor_port ? [`port ${member.monitor_port}`] : []),
    );
  }
  if (pool.session_persistence?.type === 'HTTP_COOKIE') parts.push(`cookie ${member.id}`);
  if (pool.protocol === 'PROXY') parts.push('send-proxy');
  if (pool.protocol === 'PROXYV2') {
    parts.push(listener.protocol === 'TERMINATED_HTTPS' ? 'send-proxy-v2-ssl-cn' : 'send-proxy-v2');
  }
  if (member.backup) parts.push('backup');
  if (!member.admin_state_up) parts.push('disabled');
  if (pool.tls_enabled) {
    const certificate = path(pool.tls_container_ref);
    const ca = path(pool.ca_tls_container_ref);
    const crl = path(pool.crl_container_ref);
    parts.push(
      'ssl',
      ...(certificate ? [`crt ${certificate}`] : []),
      ...(ca ? [`ca-file ${ca}`, ...(crl ? [`crl-file ${crl}`] : []), 'verify required'] : ['verify none']),
      'sni ssl_fc_sni',
      ...tlsOptions(pool),
      ...(pool.alpn_protocols ? [`alpn ${pool.alpn_protocols.join(',')}`] : []),
    );
  }
  return parts.join(' ');
}

function section(head: string, lines: readonly string[]): string {
  return `${head}\n${lines.map((line) => `${INDENT}${line}\n`).join('')}`;
}
