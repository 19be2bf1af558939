import test from 'ava';
import { api, type Json } from './api.fixture.ts';

const populated = {
  loadbalancer: {
    name: 'web',
    vip_address: '172.16.1.10',
    listeners: [
      {
        name: 'http',
        protocol: 'HTTP',
        protocol_port: 80,
        default_pool: {
          name: 'pool',
          protocol: 'HTTP',
          lb_algorithm: 'ROUND_ROBIN',
          members: [{ address: '10.0.0.1', protocol_port: 80 }],
        },
      },
    ],
  },
};

test('a fully populated load balancer is accepted, pending, and becomes ACTIVE with all that stands in it', async (t) => {
  const { ask, active } = api();
  const { status, body } = await ask('POST', 'lbaas/loadbalancers', populated);
  t.is(status, 201);
  t.like(body.loadbalancer, {
    name: 'web',
    provisioning_status: 'PENDING_CREATE',
    vip_address: '172.16.1.10',
  });
  const { id } = body.loadbalancer;
  t.like((await active(`lbaas/loadbalancers/${id}`)).loadbalancer, { provisioning_status: 'ACTIVE' });
  const { statuses } = (await ask('GET', `lbaas/loadbalancers/${id}/status`)).body;
  t.like(statuses.loadbalancer.listeners[0]?.pools[0]?.members[0], {
    address: '10.0.0.1',
    provisioning_status: 'ACTIVE',
    operating_status: 'NO_MONITOR',
  });
  const amphorae = (await ask('GET', `octavia/amphorae?loadbalancer_id=${id}`)).body.amphorae as unknown as {
    role: string;
  }[];
  t.deepEqual(
    amphorae.map(({ role }: Json) => role),
    ['MASTER', 'BACKUP'],
  );
});

test('every object is created, read, changed and deleted by its own path', async (t) => {
  const { ask, active } = api();
  const lb = (await ask('POST', 'lbaas/loadbalancers', populated)).body.loadbalancer;
  const settled = () => active(`lbaas/loadbalancers/${lb.id}`);
  await settled();
  const make = async (path: string, name: string, value: object): Promise<string> => {
    const { status, body } = await ask('POST', `lbaas/${path}`, { [name]: value });
    t.is(status, 201, `${path}: ${JSON.stringify(body)}`);
    await settled();
    const { id } = body[name];
    t.like((await ask('GET', `lbaas/${path}/${id}`)).body[name], { provisioning_status: 'ACTIVE' });
    return id;
  };
  const listener = await make('listeners', 'listener', {
    loadbalancer_id: lb.id,
    protocol: 'HTTP',
    protocol_port: 81,
  });
  const pool = await make('pools', 'pool', {
    listener_id: listener,
    protocol: 'HTTP',
    lb_algorithm: 'ROUND_ROBIN',
  });
  const member = await make(`pools/${pool}/members`, 'member', { address: '10.0.0.9', protocol_port: 80 });
  const monitor = await make('healthmonitors', 'healthmonitor', {
    pool_id: pool,
    type: 'TCP',
    delay: 5,
    timeout: 3,
    max_retries: 2,
  });
  const policy = await make('l7policies', 'l7policy', { listener_id: listener, action: 'REJECT' });
  const rule = await make(`l7policies/${policy}/rules`, 'rule', {
    type: 'PATH',
    compare_type: 'EQUAL_TO',
    value: '/x',
  });
  t.like((await ask('GET', `lbaas/listeners/${listener}`)).body.listener, { default_pool_id: pool });

  const changes: [string, string, object][] = [
    [`listeners/${listener}`, 'listener', { connection_limit: 7 }],
    [`pools/${pool}`, 'pool', { lb_algorithm: 'SOURCE_IP' }],
    [`pools/${pool}/members/${member}`, 'member', { weight: 7 }],
    [`healthmonitors/${monitor}`, 'healthmonitor', { delay: 7 }],
    [`l7policies/${policy}`, 'l7policy', { name: 'seven' }],
    [`l7policies/${policy}/rules/${rule}`, 'rule', { value: '/seven' }],
    [`loadbalancers/${lb.id}`, 'loadbalancer', { name: 'seven' }],
  ];
  for (const [path, name, value] of changes) {
    const changed = await ask('PUT', `lbaas/${path}`, { [name]: value });
    t.is(changed.status, 200, `${path}: ${JSON.stringify(changed.body)}`);
    await settled();
    t.like((await ask('GET', `lbaas/${path}`)).body[name], { ...value, provisioning_status: 'ACTIVE' });
  }
  t.is((await ask('PUT', `lbaas/pools/${pool}/members`, { members: [] })).status, 202);
  await settled();
  t.deepEqual((await ask('GET', `lbaas/pools/${pool}/members`)).body.members, []);
  t.is((await ask('PUT', `lbaas/loadbalancers/${lb.id}/failover`)).status, 202);
  await settled();
  for (const path of [
    `l7policies/${policy}/rules/${rule}`,
    `l7policies/${policy}`,
    `healthmonitors/${monitor}`,
    `pools/${pool}`,
    `listeners/${listener}`,
  ]) {
    t.is((await ask('DELETE', `lbaas/${path}`)).status, 204, path);
    await settled();
    t.is((await ask('GET', `lbaas/${path}`)).status, 404, path);
  }
});

test('what cannot be done is answered with the status that Octavia gives, and one sentence', async (t) => {
  const { ask, active } = api();
  const lb = (await ask('POST', 'lbaas/loadbalancers', populated)).body.loadbalancer;
  const listener = { loadbalancer_id: lb.id, protocol: 'HTTP', protocol_port: 81 };
  await active(`lbaas/loadbalancers/${lb.id}`);
  const refused = async (status: number, faultstring: RegExp, ...call: Parameters<typeof ask>) => {
    const answer = await ask(...call);
    t.is(answer.status, status, JSON.stringify(answer.body));
    t.regex(String(answer.body.faultstring), faultstring);
    t.is(answer.body.faultcode, 'Client');
  };
  await refused(400, /^protocl_port: .*nearest is "protocol_port"/, 'POST', 'lbaas/listeners', {
    listener: { ...listener, protocl_port: 81 },
  });
  await refused(409, /^protocol_port: 80 is taken/, 'POST', 'lbaas/listeners', {
    listener: { ...listener, protocol_port: 80 },
  });
  await refused(400, /must name what it belongs to by pool_id/, 'POST', 'lbaas/healthmonitors', {
    healthmonitor: { type: 'TCP' },
  });
  await refused(400, /the body must be \{"pool": \{…\}\}/, 'POST', 'lbaas/pools', {});
  await refused(404, /^There is no listener nobody/, 'GET', 'lbaas/listeners/nobody');
  await refused(404, /^There is no GET/, 'GET', 'lbaas/nowhere');
  await refused(400, /it has children/, 'DELETE', `lbaas/loadbalancers/${lb.id}`);
  t.is((await ask('DELETE', `lbaas/loadbalancers/${lb.id}?cascade=true`)).status, 204);
});

test('while a load balancer is pending, a change is refused with 409', async (t) => {
  const { ask, cloud } = api();
  cloud.silent = true;
  const lb = (await ask('POST', 'lbaas/loadbalancers', populated)).body.loadbalancer;
  const listener = { loadbalancer_id: lb.id, protocol: 'HTTP', protocol_port: 81 };
  const { status, body } = await ask('POST', 'lbaas/listeners', { listener });
  t.is(status, 409);
  t.regex(body.faultstring, /is PENDING_CREATE and cannot be changed; it must be ACTIVE/);
});
