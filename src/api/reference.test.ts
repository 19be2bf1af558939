import test from 'ava';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import { api } from './api.fixture.ts';

/** Requests of the shapes that the API reference shows (api-ref/source/v2/examples), with other values. */

const SUBNET = '5f3c2c52-6a0c-4a43-9d3a-0c6e3f0a9d11';
const CONTAINERS = 'http://203.0.113.9:9311/v1/containers';
const QOS = '0e3a5e0d-8a1f-4a43-8f3c-7c1f5f7c2b10';
const TLS = {
  tls_ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384',
  tls_versions: ['TLSv1.2', 'TLSv1.3'],
  alpn_protocols: ['http/1.1', 'http/1.0'],
};

const bare = {
  loadbalancer: {
    ...{ description: 'The shop', admin_state_up: true, project_id: 'c0ffee00c0ffee00c0ffee00c0ffee00' },
    ...{ vip_subnet_id: SUBNET, vip_address: '203.0.113.60', provider: 'octavia', name: 'shop' },
    additional_vips: [
      { subnet_id: '7b8f0c11-52d1-4a3f-b1f0-9a4c5a6d7e8f', ip_address: '2001:db8:a::60' },
      { subnet_id: '1c2d3e4f-0a1b-4c2d-8e3f-4a5b6c7d8e9f' },
    ],
    ...{ vip_qos_policy_id: QOS, availability_zone: 'cellar', tags: ['shop'] },
  },
};

const populated = {
  loadbalancer: {
    ...{ description: 'The shop', admin_state_up: true, project_id: 'c0ffee00c0ffee00c0ffee00c0ffee00' },
    ...{
      flavor_id: '',
      vip_subnet_id: SUBNET,
      vip_address: '203.0.113.61',
      provider: 'octavia',
      name: 'full',
    },
    ...{ vip_qos_policy_id: QOS, availability_zone: 'cellar', tags: ['shop'] },
    listeners: [
      {
        ...{ name: 'clear', protocol: 'HTTP', protocol_port: 80 },
        default_pool: {
          ...{ name: 'round', protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' },
          healthmonitor: {
            ...{ type: 'HTTP', delay: '4', expected_codes: '200,204', http_method: 'GET' },
            ...{ max_retries: 2, timeout: 2, url_path: '/ready' },
          },
          members: [
            { address: '192.0.2.31', protocol_port: 80 },
            { address: '192.0.2.32', protocol_port: 80 },
          ],
        },
      },
      {
        ...{ name: 'sealed', protocol: 'HTTPS', protocol_port: 443, tags: ['shop'] },
        default_pool: { name: 'sealed-pool' },
      },
      {
        ...{ name: 'elsewhere', protocol: 'HTTP', protocol_port: 8080 },
        l7policies: [
          {
            ...{ action: 'REDIRECT_TO_URL', name: 'away', redirect_url: 'https://shop.example/' },
            admin_state_up: true,
          },
        ],
      },
    ],
    pools: [
      {
        ...{ name: 'sealed-pool', protocol: 'HTTPS', lb_algorithm: 'ROUND_ROBIN' },
        healthmonitor: { type: 'HTTPS', delay: '4', max_retries: 2, timeout: 2 },
        members: [{ address: '192.0.2.33', protocol_port: 443 }],
      },
    ],
  },
};

for (const [name, body] of Object.entries({ bare, populated })) {
  test(`the ${name} load balancer of the API reference can be read from a file`, (t) => {
    const { name: found, tags } = parseLoadBalancer(body);
    t.deepEqual({ name: found, tags }, { name: body.loadbalancer.name, tags: ['shop'] });
  });
}

test('every request of the API reference is answered with the status that upstream gives', async (t) => {
  const { ask, settled } = api();
  const id = async (status: number, ...call: Parameters<typeof ask>): Promise<string> => {
    const answer = await ask(...call);
    t.is(answer.status, status, `${call[0]} ${call[1]}: ${JSON.stringify(answer.body)}`);
    await settled();
    const [object] = Object.values(answer.body ?? {});
    return String((object as { id?: string } | undefined)?.id);
  };
  await id(201, 'POST', 'lbaas/loadbalancers', populated);
  const lb = await id(201, 'POST', 'lbaas/loadbalancers', bare);
  await id(200, 'PUT', `lbaas/loadbalancers/${lb}`, {
    loadbalancer: {
      ...{ description: 'Closed', admin_state_up: false, name: 'closed', vip_qos_policy_id: QOS },
      tags: ['closed'],
    },
  });
  const listenerFields = {
    ...{ description: 'All of TLS', admin_state_up: true, connection_limit: 300, name: 'tls' },
    insert_headers: { 'X-Forwarded-For': 'true', 'X-Forwarded-Port': 'true' },
    default_tls_container_ref: `${CONTAINERS}/1`,
    sni_container_refs: [`${CONTAINERS}/1`, `${CONTAINERS}/2`],
    ...{ timeout_client_data: 60_000, timeout_member_connect: 6000, timeout_member_data: 60_000 },
    ...{ timeout_tcp_inspect: 0, tags: ['tls'], allowed_cidrs: ['192.0.2.0/24', '198.51.100.0/24'] },
    ...{ ...TLS, hsts_include_subdomains: true, hsts_max_age: 86_400, hsts_preload: true },
  };
  const listener = await id(201, 'POST', 'lbaas/listeners', {
    listener: {
      ...{ ...listenerFields, loadbalancer_id: lb, protocol: 'TERMINATED_HTTPS', protocol_port: '443' },
      client_ca_tls_container_ref: `${CONTAINERS}/3`,
      client_authentication: 'MANDATORY',
      client_crl_container_ref: `${CONTAINERS}/4`,
    },
  });
  const pool = await id(201, 'POST', 'lbaas/pools', {
    pool: {
      ...{ lb_algorithm: 'ROUND_ROBIN', protocol: 'HTTP', description: 'By turns', admin_state_up: true },
      session_persistence: { cookie_name: 'Basket', type: 'APP_COOKIE' },
      ...{ listener_id: listener, name: 'turns', tags: ['turns'], tls_enabled: true },
      tls_container_ref: `${CONTAINERS}/5`,
      ca_tls_container_ref: `${CONTAINERS}/6`,
      crl_container_ref: `${CONTAINERS}/7`,
      ...TLS,
    },
  });
  await id(200, 'PUT', `lbaas/listeners/${listener}`, {
    listener: { ...listenerFields, default_pool_id: pool, client_ca_tls_container_ref: null },
  });
  await id(200, 'PUT', `lbaas/pools/${pool}`, {
    pool: {
      ...{ lb_algorithm: 'LEAST_CONNECTIONS', session_persistence: { type: 'SOURCE_IP' }, name: 'least' },
      ...{ description: 'By load', tags: ['least'], tls_container_ref: `${CONTAINERS}/8` },
      ...{ ca_tls_container_ref: null, crl_container_ref: null, tls_enabled: false, ...TLS },
    },
  });
  const member = await id(201, 'POST', `lbaas/pools/${pool}/members`, {
    member: {
      ...{ name: 'one', weight: '30', admin_state_up: true, subnet_id: SUBNET, address: '192.0.2.41' },
      ...{ protocol_port: '80', monitor_port: 8081, backup: false, tags: ['one'] },
    },
  });
  await id(200, 'PUT', `lbaas/pools/${pool}/members/${member}`, {
    member: {
      ...{ name: 'one', weight: '0', admin_state_up: 'true', monitor_address: '192.0.2.42' },
      ...{ monitor_port: 8889, backup: false, tags: ['two'] },
    },
  });
  await id(202, 'PUT', `lbaas/pools/${pool}/members`, {
    members: ['192.0.2.41', '192.0.2.43'].map((address) => ({
      ...{ name: address, weight: 30, admin_state_up: true, subnet_id: SUBNET, address },
      ...{ protocol_port: 80, monitor_port: 8081, tags: ['batch'] },
    })),
  });
  const monitor = await id(201, 'POST', 'lbaas/healthmonitors', {
    healthmonitor: {
      ...{ name: 'pulse', admin_state_up: true, pool_id: pool, delay: '12', expected_codes: '200' },
      ...{ max_retries: '2', http_method: 'GET', timeout: '6', url_path: '/', type: 'HTTP' },
      ...{ max_retries_down: 3, tags: ['pulse'], http_version: 1.1, domain_name: 'pulse.example' },
    },
  });
  await id(200, 'PUT', `lbaas/healthmonitors/${monitor}`, {
    healthmonitor: {
      ...{ name: 'pulse', admin_state_up: true, delay: 6, expected_codes: '204', http_method: 'HEAD' },
      ...{ timeout: 3, url_path: '/pulse.html', max_retries: 2, max_retries_down: 2, tags: ['slow'] },
      http_version: 1.1,
    },
  });
  const policyFields = {
    ...{ description: 'Away', admin_state_up: true, redirect_url: 'http://shop.example' },
    ...{ redirect_http_code: 301, name: 'away', action: 'REDIRECT_TO_URL', position: 1, tags: ['away'] },
  };
  const policy = await id(201, 'POST', 'lbaas/l7policies', {
    l7policy: { ...policyFields, listener_id: listener },
  });
  await id(200, 'PUT', `lbaas/l7policies/${policy}`, { l7policy: policyFields });
  const rule = {
    ...{ compare_type: 'REGEX', invert: false, type: 'PATH', value: '/basket*', admin_state_up: true },
    tags: ['basket'],
  };
  const ruleId = await id(201, 'POST', `lbaas/l7policies/${policy}/rules`, { rule });
  await id(200, 'PUT', `lbaas/l7policies/${policy}/rules/${ruleId}`, { rule: { ...rule, invert: true } });
  await id(202, 'PUT', 'lbaas/quotas/c0ffee00c0ffee00c0ffee00c0ffee00', {
    quota: {
      ...{ loadbalancer: 2, listener: -1, member: 60, pool: -1, healthmonitor: -1 },
      ...{ l7policy: 16, l7rule: 26 },
    },
  });
  t.is((await ask('POST', 'lbaas/loadbalancers', bare)).status, 403, 'two load balancers are there');
  for (const path of ['flavors', 'flavorprofiles', 'availabilityzones', 'availabilityzoneprofiles']) {
    await id(501, 'POST', `lbaas/${path}`, {});
  }
});
