import type { Listener, Member, Pool } from '../../domain/load-balancer.ts';
import { expectedCodes } from '../expected-codes.ts';
import { PATHS } from '../paths.ts';
import { haproxyWord } from '../quoting.ts';
import { backendName, type Context, connectionLimit, mode, section } from './context.ts';
import { reencryptionOptions } from './tls.ts';

const BALANCE = { ROUND_ROBIN: 'roundrobin', LEAST_CONNECTIONS: 'leastconn', SOURCE_IP: 'source' } as const;

/** A pool, as a listener reaches it. */
export function backend(context: Context, listener: Listener, pool: Pool): string {
  const proxied = pool.protocol === 'PROXY' || pool.protocol === 'PROXYV2';
  const poolMode = proxied ? mode(listener.protocol) : mode(pool.protocol);
  const current = context.settings.profile === 'current';
  const monitor = pool.healthmonitor?.admin_state_up ? pool.healthmonitor : undefined;
  return section(`backend ${backendName(context, listener, pool)}`, [
    `mode ${poolMode}`,
    ...(poolMode === 'http' && current ? ['http-reuse safe'] : []),
    `balance ${BALANCE[pool.lb_algorithm]}`,
    ...persistence(context, pool),
    ...(monitor && current ? ['load-server-state-from-file global'] : []),
    ...healthChecks(context, monitor),
    ...insertedHeaders(listener, pool),
    `fullconn ${connectionLimit(listener, context.settings)}`,
    'option allbackups',
    `timeout connect ${listener.timeout_member_connect}`,
    `timeout server ${listener.timeout_member_data}`,
    ...pool.members.map((member) => server(context, listener, pool, member)),
  ]);
}

function persistence({ peers, settings }: Context, pool: Pool): string[] {
  const shared = peers ? ` peers ${peers}` : '';
  switch (pool.session_persistence?.type) {
    case 'SOURCE_IP': {
      // A table of type `ip` has no room for IPv6 clients; one of type `ipv6` has for both.
      const type = settings.profile === 'current' ? 'ipv6' : 'ip';
      return [`stick-table type ${type} size 10k${shared}`, 'stick on src'];
    }
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

function healthChecks({ settings }: Context, monitor: Pool['healthmonitor']): string[] {
  if (!monitor) return [];
  const lines = [`timeout check ${monitor.timeout}s`];
  if (monitor.type === 'HTTP' || monitor.type === 'HTTPS') {
    const version = monitor.http_version ? ` HTTP/${monitor.http_version.toFixed(1)}` : '';
    lines.push(`option httpchk ${monitor.http_method} ${haproxyWord(monitor.url_path)}${version}`);
    if (monitor.http_version === 1.1 && monitor.domain_name) {
      lines.push(`http-check send hdr Host ${monitor.domain_name}`);
    }
    lines.push(`http-check expect rstatus ${expectedCodes(monitor.expected_codes).join('|')}`);
  }
  // Its hello is SSLv3, which hardly any server answers: upstream has dropped it since, and only connects.
  if (monitor.type === 'TLS-HELLO' && settings.profile === 'rocky') lines.push('option ssl-hello-chk');
  if (monitor.type === 'PING') {
    lines.push('option external-check', `external-check command ${PATHS.base}/ping-wrapper.sh`);
  }
  return lines;
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

function server(context: Context, listener: Listener, pool: Pool, member: Member): string {
  return [
    `server ${member.id} ${member.address}:${member.protocol_port} weight ${member.weight}`,
    ...checkOptions(context, pool, member),
    ...(pool.session_persistence?.type === 'HTTP_COOKIE' ? [`cookie ${member.id}`] : []),
    ...proxyProtocol(listener, pool),
    ...(member.backup ? ['backup'] : []),
    ...(member.admin_state_up ? [] : ['disabled']),
    ...reencryptionOptions(context, pool),
  ].join(' ');
}

function checkOptions({ settings }: Context, pool: Pool, member: Member): string[] {
  const { healthmonitor: monitor, alpn_protocols, tls_enabled } = pool;
  if (!monitor?.admin_state_up) return [];
  const tls = monitor.type === 'HTTPS' ? ' check-ssl verify none' : '';
  const alpn =
    tls_enabled && alpn_protocols && settings.profile === 'current'
      ? ` check-alpn ${alpn_protocols.join(',')}`
      : '';
  return [
    `check${tls}${alpn} inter ${monitor.delay}s fall ${monitor.max_retries_down} rise ${monitor.max_retries}`,
    ...(member.monitor_address ? [`addr ${member.monitor_address}`] : []),
    ...(member.monitor_port ? [`port ${member.monitor_port}`] : []),
  ];
}

function proxyProtocol(listener: Listener, pool: Pool): string[] {
  if (pool.protocol === 'PROXY') return ['send-proxy'];
  if (pool.protocol !== 'PROXYV2') return [];
  return [listener.protocol === 'TERMINATED_HTTPS' ? 'send-proxy-v2-ssl-cn' : 'send-proxy-v2'];
}
