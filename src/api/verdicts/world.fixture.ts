import { SUBNET } from './verdict.fixture.ts';

/** What the requests are asked of; each with the id that it is known by. */
export const WORLD: readonly { readonly name: string; readonly path: string; readonly body: object }[] = [
  {
    name: 'lb',
    path: 'loadbalancers',
    body: {
      loadbalancer: { name: 'lb', vip_subnet_id: SUBNET, vip_address: '203.0.113.50', project_id: 'p1' },
    },
  },
  ...(
    [
      ['web', 'HTTP'],
      ['plain', 'HTTP'],
      ['streams', 'TCP'],
      ['names', 'UDP'],
    ] as const
  ).map(([name, protocol]) => ({
    name,
    path: 'pools',
    body: { pool: { name, loadbalancer_id: '{lb}', protocol, lb_algorithm: 'ROUND_ROBIN' } },
  })),
  ...(
    [
      ['http', { protocol: 'HTTP', protocol_port: 80, default_pool_id: '{web}' }],
      ['tcp', { protocol: 'TCP', protocol_port: 81 }],
      ['tls', { protocol: 'TERMINATED_HTTPS', protocol_port: 443, default_tls_container_ref: 'file:a.pem' }],
      ['udp', { protocol: 'UDP', protocol_port: 53 }],
      ['metrics', { protocol: 'PROMETHEUS', protocol_port: 8088 }],
    ] as const
  ).map(([name, values]) => ({
    name,
    path: 'listeners',
    body: { listener: { name, loadbalancer_id: '{lb}', ...values } },
  })),
  {
    name: 'member',
    path: 'pools/{web}/members',
    body: { member: { address: '192.0.2.16', protocol_port: 80 } },
  },
  {
    name: 'monitor',
    path: 'healthmonitors',
    body: { healthmonitor: { pool_id: '{web}', type: 'TCP', delay: 5, timeout: 3, max_retries: 2 } },
  },
  {
    name: 'checked',
    path: 'pools',
    body: {
      pool: { name: 'checked', loadbalancer_id: '{lb}', protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN' },
    },
  },
  {
    name: 'probe',
    path: 'healthmonitors',
    body: {
      healthmonitor: {
        ...{ pool_id: '{checked}', type: 'HTTPS', delay: 5, timeout: 3, max_retries: 2 },
        ...{ domain_name: 'example.org', http_version: 1.1 },
      },
    },
  },
  {
    name: 'policy',
    path: 'l7policies',
    body: { l7policy: { listener_id: '{http}', action: 'REDIRECT_TO_POOL', redirect_pool_id: '{plain}' } },
  },
  {
    name: 'rule',
    path: 'l7policies/{policy}/rules',
    body: { rule: { type: 'PATH', compare_type: 'STARTS_WITH', value: '/a' } },
  },
];
