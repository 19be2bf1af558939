/** The load balancers that upstream's own renderer has rendered, in the words of the API. */

export const member = (n: number, more: object = {}) => ({
  address: `10.0.0.${n}`,
  protocol_port: 80,
  ...more,
});
const MEMBERS = [member(1), member(2)];
const pool = (more: object = {}) => ({ name: 'p', protocol: 'HTTP', members: MEMBERS, ...more });
export const monitor = (type: string, more: object = {}) => ({
  type,
  delay: 5,
  timeout: 3,
  max_retries: 2,
  ...more,
});
export const rule = (type: string, compare_type: string, value: string, more: object = {}) => ({
  ...{ type, compare_type, value },
  ...more,
});
const http = (more: object = {}) => ({
  protocol: 'HTTP',
  protocol_port: 80,
  default_pool: { name: 'p' },
  ...more,
});
const terminated = (more: object = {}) => ({
  ...http({ protocol: 'TERMINATED_HTTPS', protocol_port: 443 }),
  default_tls_container_ref: 'file:default.pem',
  ...more,
});
const HEADERS = ['X-Forwarded-For', 'X-Forwarded-Port', 'X-Forwarded-Proto'];
const TLS_HEADERS = ['Verify', 'Has-Cert', 'DN', 'CN', 'SHA1', 'Not-Before', 'Not-After'];
const all = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'true']));
const TLS = {
  tls_ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384:!aNULL',
  tls_versions: ['TLSv1.2', 'TLSv1.3'],
  alpn_protocols: ['h2', 'http/1.1'],
};
const EVERY_TLS = {
  tls_enabled: true,
  tls_container_ref: 'file:own.pem',
  ca_tls_container_ref: 'file:ca.pem',
};
const reject = (...rules: object[]) => ({ action: 'REJECT', rules });

export const LOAD_BALANCERS: Readonly<Record<string, object>> = {
  http: { listeners: [http()], pools: [pool()] },
  single: {
    topology: 'SINGLE',
    listeners: [http()],
    pools: [pool({ session_persistence: { type: 'SOURCE_IP' } })],
  },
  'tcp-source-ip': {
    listeners: [http({ protocol: 'TCP', connection_limit: 200 })],
    pools: [pool({ protocol: 'TCP', lb_algorithm: 'SOURCE_IP', session_persistence: { type: 'SOURCE_IP' } })],
  },
  'https-passed-on': {
    listeners: [http({ protocol: 'HTTPS', protocol_port: 443 })],
    pools: [
      pool({ protocol: 'HTTPS', lb_algorithm: 'LEAST_CONNECTIONS', healthmonitor: monitor('TLS-HELLO') }),
    ],
  },
  'tls-terminated': {
    listeners: [
      terminated({
        ...TLS,
        ...{ hsts_max_age: 31_536_000, hsts_include_subdomains: true, hsts_preload: true },
      }),
    ],
    pools: [pool()],
  },
  'tls-of-many-names': {
    listeners: [terminated({ sni_container_refs: ['file:a.pem', 'file:b.pem'], hsts_max_age: 60 })],
    pools: [pool()],
  },
  'tls-by-name-only': {
    listeners: [terminated({ default_tls_container_ref: null, sni_container_refs: ['file:a.pem'] })],
    pools: [pool()],
  },
  'tls-of-clients': {
    listeners: [
      terminated({
        client_authentication: 'MANDATORY',
        client_ca_tls_container_ref: 'file:ca.pem',
        client_crl_container_ref: 'file:crl.pem',
        insert_headers: all([
          ...HEADERS,
          'X-SSL-Issuer',
          ...TLS_HEADERS.map((name) => `X-SSL-Client-${name}`),
        ]),
        l7policies: [
          reject(
            rule('SSL_CONN_HAS_CERT', 'EQUAL_TO', 'true', { invert: true }),
            rule('SSL_VERIFY_RESULT', 'EQUAL_TO', '0', { invert: true }),
            rule('SSL_DN_FIELD', 'STARTS_WITH', 'amphora', { key: 'CN' }),
          ),
        ],
      }),
    ],
    pools: [pool()],
  },
  'tls-to-members': {
    listeners: [terminated()],
    pools: [
      pool({ ...EVERY_TLS, ...TLS, crl_container_ref: 'file:crl.pem', healthmonitor: monitor('HTTPS') }),
    ],
  },
  'tls-to-members-without-a-list': {
    listeners: [http({ default_pool: { name: 'ca' } }), http({ protocol_port: 81 })],
    pools: [pool({ tls_enabled: true }), pool({ ...EVERY_TLS, name: 'ca', healthmonitor: monitor('TCP') })],
  },
  'http-cookie': {
    listeners: [http({ insert_headers: all(HEADERS) })],
    pools: [
      pool({
        session_persistence: { type: 'HTTP_COOKIE' },
        members: [
          member(1, { weight: 7 }),
          member(2, { backup: true }),
          member(3, { admin_state_up: false }),
        ],
      }),
    ],
  },
  'app-cookie': {
    listeners: [http({ timeout_tcp_inspect: 10, timeout_client_data: 60_000, timeout_member_data: 70_000 })],
    pools: [pool({ session_persistence: { type: 'APP_COOKIE', cookie_name: 'JSESSIONID' } })],
  },
  'http-monitor': {
    listeners: [http()],
    pools: [
      pool({
        healthmonitor: monitor('HTTP', {
          ...{ http_method: 'HEAD', url_path: '/health?full=1&since=0', expected_codes: '200-202' },
          ...{ http_version: 1.1, domain_name: 'example.org' },
        }),
      }),
    ],
  },
  'http-monitor-1.0': {
    listeners: [http()],
    pools: [
      pool({
        healthmonitor: monitor('HTTP', { http_version: 1, expected_codes: '200, 204', max_retries_down: 4 }),
      }),
    ],
  },
  'ping-monitor': {
    listeners: [http()],
    pools: [
      pool({
        healthmonitor: monitor('PING'),
        members: [member(1, { monitor_address: '10.1.0.1' }), member(2, { monitor_port: 8080 })],
      }),
    ],
  },
  'proxy-protocol': {
    listeners: [
      http({ default_pool: { name: 'v1' } }),
      http({ protocol: 'TCP', protocol_port: 81, default_pool: { name: 'v2' } }),
      terminated({ default_pool: { name: 'v2' }, insert_headers: all(HEADERS) }),
    ],
    pools: [pool({ name: 'v1', protocol: 'PROXY' }), pool({ name: 'v2', protocol: 'PROXYV2' })],
  },
  'l7-policies': {
    listeners: [
      http({
        l7policies: [
          {
            ...{ action: 'REDIRECT_TO_POOL', redirect_pool: { name: 'other' } },
            rules: [rule('HOST_NAME', 'ENDS_WITH', '.example.org'), rule('PATH', 'EQUAL_TO', '/x')],
          },
          reject(rule('FILE_TYPE', 'EQUAL_TO', 'exe'), rule('COOKIE', 'CONTAINS', 'a', { key: 'c' })),
          {
            ...{ action: 'REDIRECT_PREFIX', redirect_prefix: 'https://example.org', redirect_http_code: 308 },
            rules: [
              rule('PATH', 'STARTS_WITH', '/old'),
              rule('PATH', 'CONTAINS', '/a', { admin_state_up: false }),
            ],
          },
          {
            ...{ action: 'REDIRECT_TO_URL', redirect_url: 'https://example.org/a?b=c%20d&e=f' },
            rules: [rule('HEADER', 'EQUAL_TO', '1', { key: 'X-Old', invert: true })],
          },
          { ...reject(rule('PATH', 'EQUAL_TO', '/off')), admin_state_up: false },
          { action: 'REDIRECT_TO_POOL', redirect_pool: { name: 'unreached' }, rules: [] },
        ],
      }),
    ],
    pools: [pool({ name: 'unreached' }), pool({ name: 'other', members: [member(3)] }), pool()],
  },
  'l7-values': {
    listeners: [
      http({
        l7policies: [
          reject(rule('HEADER', 'STARTS_WITH', '"Mozilla/5.0 (X11"', { key: 'User-Agent' })),
          reject(rule('PATH', 'REGEX', '^/a b\\.(jpe?g|png)$')),
          reject(rule('FILE_TYPE', 'REGEX', 'jpe?g')),
          reject(rule('HEADER', 'CONTAINS', '"a\tb $HOME"', { key: 'X-Quoted' })),
        ],
      }),
    ],
    pools: [pool()],
  },
  'l7-values-that-break-out': {
    listeners: [
      http({
        l7policies: [
          reject(rule('HEADER', 'CONTAINS', 'a"b', { key: 'X-Half' })),
          reject(rule('HEADER', 'CONTAINS', "it's", { key: 'X-Half' })),
          reject(rule('PATH', 'CONTAINS', '/a#b')),
          reject(rule('HEADER', 'EQUAL_TO', '-f', { key: 'X-Flag' })),
        ],
      }),
    ],
    pools: [pool()],
  },
  limits: {
    listeners: [
      http({ connection_limit: 2_000 }),
      http({ protocol_port: 81 }),
      http({ protocol_port: 82, connection_limit: 3_000, admin_state_up: false }),
    ],
    pools: [pool()],
  },
  'limits-beyond': {
    listeners: [
      http({ connection_limit: 1_000_000 }),
      http({ protocol_port: 81, connection_limit: 1_000_000 }),
    ],
    pools: [pool()],
  },
  'further-vips': {
    host_routes: [{ destination: '10.8.0.0/16', nexthop: '172.16.1.9' }],
    additional_vips: [
      { ip_address: '2001:db8:1::10', subnet_cidr: '2001:db8:1::/64', gateway_ip: '2001:db8:1::1' },
      { ip_address: '2001:db8:1::11', subnet_cidr: '2001:db8:1::/64' },
    ],
    listeners: [http()],
    pools: [pool({ session_persistence: { type: 'SOURCE_IP' } })],
  },
  'vips-of-two-subnets': {
    additional_vips: [{ ip_address: '172.16.2.10', subnet_cidr: '172.16.2.0/24', gateway_ip: '172.16.2.1' }],
    listeners: [http()],
    pools: [pool()],
  },
  'ipv6-vip': {
    ...{ vip_address: '2001:db8:1::10', subnet_cidr: '2001:db8:1::/64', gateway_ip: '2001:db8:1::1' },
    listeners: [http()],
    pools: [pool({ members: [{ address: '2001:db8:2::1', protocol_port: 80 }] })],
  },
  'switched-off': {
    listeners: [http({ default_pool: { name: 'off' } }), http({ protocol_port: 81, admin_state_up: false })],
    pools: [pool({ name: 'off', admin_state_up: false }), pool()],
  },
  'all-switched-off': {
    admin_state_up: false,
    listeners: [http()],
    pools: [pool({ healthmonitor: monitor('PING') })],
  },
  prometheus: {
    listeners: [http(), { protocol: 'PROMETHEUS', protocol_port: 8088, allowed_cidrs: ['10.0.0.0/8'] }],
    pools: [pool()],
  },
};
