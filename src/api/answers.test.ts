import test from 'ava';
import { Statistics } from '../health/statistics.ts';
import { api, type Json } from './api.fixture.ts';

const SUBNET = '5f3c2c52-6a0c-4a43-9d3a-0c6e3f0a9d11';
const nested = { name: 'pool', protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' };

/** A load balancer with one of everything, as it was asked for. */
async function full(parts: Parameters<typeof api>[0] = {}) {
  const world = api(parts);
  const { body } = await world.ask('POST', 'lbaas/loadbalancers', {
    loadbalancer: {
      ...{ name: 'lb', project_id: 'shop', description: 'all', tags: ['t'], vip_subnet_id: SUBNET },
      listeners: [
        {
          ...{ name: 'l', description: 'front', tags: ['t'], protocol: 'HTTP', protocol_port: 80 },
          ...{ allowed_cidrs: ['192.0.2.9/24', '10.0.0.1'] },
          default_pool: {
            ...{ ...nested, description: 'back', tags: ['t'] },
            members: [{ name: 'm', address: '192.0.2.1', protocol_port: 80, subnet_id: SUBNET, tags: ['t'] }],
            healthmonitor: { name: 'h', type: 'TCP', delay: 3, timeout: 2, max_retries: 1, tags: ['t'] },
          },
          l7policies: [
            {
              ...{ name: 'y', action: 'REJECT', description: 'no', tags: ['t'] },
              rules: [{ type: 'PATH', compare_type: 'EQUAL_TO', value: '/x', tags: ['t'] }],
            },
          ],
        },
      ],
    },
  });
  await world.settled();
  const one = async (path: string): Promise<Json> =>
    Object.values((await world.ask('GET', `lbaas/${path}`)).body)[0];
  return { ...world, created: body.loadbalancer as Json, one };
}

test('the answer to a creation holds all that was created', async (t) => {
  const { created } = await full();
  t.like(created.listeners[0], { name: 'l', description: 'front' });
  t.like(created.listeners[0].l7policies[0].rules[0], { value: '/x', provisioning_status: 'PENDING_CREATE' });
  t.like(created.pools[0].members[0], { address: '192.0.2.1', subnet_id: SUBNET });
  t.like(created.pools[0].healthmonitor, { type: 'TCP', delay: 3 });
});

test('what was said of an object comes back, with its project and its times', async (t) => {
  const { one, created } = await full();
  const [listener] = created.listeners;
  const [pool] = created.pools;
  const [policy] = listener.l7policies;
  const paths = [
    `loadbalancers/${created.id}`,
    `listeners/${listener.id}`,
    `pools/${pool.id}`,
    `pools/${pool.id}/members/${pool.members[0].id}`,
    `healthmonitors/${pool.healthmonitor.id}`,
    `l7policies/${policy.id}`,
    `l7policies/${policy.id}/rules/${policy.rules[0].id}`,
  ];
  for (const path of paths) {
    const object = await one(path);
    t.like(
      object,
      { tags: ['t'], project_id: 'shop', tenant_id: 'shop', provisioning_status: 'ACTIVE' },
      path,
    );
    t.regex(object.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/, path);
    t.regex(object.updated_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/, path);
  }
  t.like(await one(paths[0] ?? ''), {
    ...{ name: 'lb', description: 'all', provider: 'amphora', vip_subnet_id: SUBNET, flavor_id: null },
    ...{ vip_address: '172.16.1.10', vip_vnic_type: 'normal', availability_zone: null },
  });
  t.like(await one(paths[1] ?? ''), { description: 'front', allowed_cidrs: ['10.0.0.1/32', '192.0.2.0/24'] });
  t.like(await one(paths[3] ?? ''), { subnet_id: SUBNET, vnic_type: 'normal', operating_status: 'OFFLINE' });
  for (const path of paths.slice(4)) t.is((await one(path)).operating_status, 'ONLINE', path);
  t.like(await one(paths[4] ?? ''), { http_method: null, url_path: null, expected_codes: null });
});

test('a batch leaves the members that it does not name only where it is asked to', async (t) => {
  const { ask, settled, created, one } = await full();
  const [{ id }] = created.pools;
  const members = async () =>
    ((await one(`pools/${id}/members`)) as unknown as Json[]).map(
      ({ name, address, weight, tags }) => `${name} ${address} ${weight} ${tags}`,
    );
  const batch = { members: [{ address: '192.0.2.2', protocol_port: '80' }] };
  t.is((await ask('PUT', `lbaas/pools/${id}/members?additive_only=True`, batch)).status, 202);
  await settled();
  t.deepEqual(await members(), ['m 192.0.2.1 1 t', ' 192.0.2.2 1 ']);
  const known = { members: [{ address: '192.0.2.1', protocol_port: 80, weight: '7' }] };
  t.is((await ask('PUT', `lbaas/pools/${id}/members?additive_only=no`, known)).status, 202);
  await settled();
  t.deepEqual(await members(), ['m 192.0.2.1 7 t']);
  // What a batch does not say of a known member is the default again.
  const bare = { members: [{ address: '192.0.2.1', protocol_port: 80 }] };
  await ask('PUT', `lbaas/pools/${id}/members`, bare);
  await settled();
  t.deepEqual(await members(), ['m 192.0.2.1 1 t']);
});

test('policies stand in the order in which upstream puts them, in one body as one by one', async (t) => {
  const positions: readonly (number | undefined)[] = [10, 1, 1, undefined, 2, 99];
  const policies = positions.map((position, n) => ({ name: `p${n}`, action: 'REJECT', position }));
  const { ask, settled, created } = await full();
  const order = async (id: string): Promise<string[]> => {
    const { body } = await ask('GET', `lbaas/l7policies?listener_id=${id}&sort=position`);
    return body.l7policies.map(({ name, position }: Json) => `${position} ${name}`);
  };
  const listener = async (protocol_port: number, l7policies: readonly object[]): Promise<string> => {
    const { body } = await ask('POST', 'lbaas/listeners', {
      listener: { loadbalancer_id: created.id, protocol: 'HTTP', protocol_port, l7policies },
    });
    await settled();
    return body.listener.id;
  };
  const atOnce = await listener(81, policies);
  const oneByOne = await listener(82, []);
  for (const policy of policies) {
    await ask('POST', 'lbaas/l7policies', { l7policy: { ...policy, listener_id: oneByOne } });
    await settled();
  }
  t.deepEqual(await order(atOnce), ['1 p2', '2 p4', '3 p1', '4 p0', '5 p3', '6 p5']);
  t.deepEqual(await order(oneByOne), await order(atOnce));
  const { body } = await ask('GET', `lbaas/l7policies?listener_id=${oneByOne}&name=p4`);
  await ask('DELETE', `lbaas/l7policies/${body.l7policies[0].id}`);
  await settled();
  t.deepEqual(await order(oneByOne), ['1 p2', '2 p1', '3 p0', '4 p3', '5 p5'], 'no gap is left');
});

test('counters are those of the heartbeats', async (t) => {
  const statistics = new Statistics();
  const { ask, created } = await full({ statistics });
  const { id } = created.listeners[0];
  const nothing = {
    bytes_in: 0,
    bytes_out: 0,
    active_connections: 0,
    total_connections: 0,
    request_errors: 0,
  };
  t.deepEqual((await ask('GET', `lbaas/loadbalancers/${created.id}/stats`)).body, { stats: nothing });
  const amphora = (await ask('GET', 'octavia/amphorae')).body.amphorae[0].id;
  t.is((await ask('GET', `octavia/amphorae/${amphora}/stats`)).status, 404);
  const stats = { rx: 1, tx: 2, conns: 3, totconns: 4, ereq: 5 };
  statistics.take({ id: amphora, seq: 1, ver: 3, listeners: { [id]: { status: 'OPEN', stats } }, pools: {} });
  const counters = {
    bytes_in: 1,
    bytes_out: 2,
    active_connections: 3,
    total_connections: 4,
    request_errors: 5,
  };
  t.deepEqual((await ask('GET', `lbaas/loadbalancers/${created.id}/stats`)).body, { stats: counters });
  t.deepEqual((await ask('GET', `lbaas/listeners/${id}/stats`)).body, { stats: counters });
  t.deepEqual((await ask('GET', `octavia/amphorae/${amphora}/stats`)).body, {
    amphora_stats: [{ ...counters, id: amphora, listener_id: id, loadbalancer_id: created.id }],
  });
});

test('a flavor says the topology', async (t) => {
  const { ask, settled } = api();
  const { flavors } = (await ask('GET', 'lbaas/flavors')).body;
  const { id } = flavors.find(({ name }: Json) => name === 'single');
  const { body } = await ask('POST', 'lbaas/loadbalancers', {
    loadbalancer: { vip_subnet_id: SUBNET, flavor_id: id, availability_zone: 'cellar' },
  });
  await settled();
  t.like(body.loadbalancer, { name: '', flavor_id: id });
  const { amphorae } = (await ask('GET', `octavia/amphorae?loadbalancer_id=${body.loadbalancer.id}`)).body;
  t.deepEqual(
    amphorae.map(({ role }: Json) => role),
    ['STANDALONE'],
  );
  t.like((await ask('GET', 'lbaas/availabilityzones')).body.availability_zones[0], { name: 'cellar' });
});

test('clients discover the versions, and may end paths with a slash, ask by HEAD and send empty bodies', async (t) => {
  const { ask, settled, created } = await full();
  const { versions } = (await ask('GET', '/')).body;
  t.deepEqual([versions[0].id, versions.at(-1).id, versions.at(-1).status], ['v2.0', 'v2.30', 'CURRENT']);
  for (const path of ['/v2', '/v2.0/', '/v2/lbaas']) t.is((await ask('GET', path)).status, 200, path);
  t.is((await ask('GET', 'lbaas/loadbalancers/')).status, 200);
  t.is((await ask('HEAD', `lbaas/loadbalancers/${created.id}`)).status, 200);
  t.is((await ask('PUT', `lbaas/loadbalancers/${created.id}/failover`, '')).status, 202);
  await settled();
  t.is((await ask('DELETE', `lbaas/loadbalancers/${created.id}?cascade=True`, '')).status, 204);
});

test('OPTIONS is answered everywhere, and another method than a path has with 405', async (t) => {
  const { ask } = api();
  for (const path of ['/v2', 'lbaas/loadbalancers', 'lbaas/loadbalancers/nosuch', '/nosuch']) {
    t.deepEqual(await ask('OPTIONS', path), { status: 200, body: undefined as unknown as Json }, path);
  }
  t.is((await ask('OPTIONS', '/')).body.versions[0].id, 'v2.0');
  const { status, body } = await ask('POST', 'lbaas/providers');
  t.deepEqual([status, body.faultstring], [405, '/v2/lbaas/providers has no POST; it has GET, HEAD.']);
  t.is((await ask('DELETE', 'lbaas/loadbalancers')).status, 405);
  t.is((await ask('POST', 'lbaas/nosuch')).status, 404);
});

test('a project has no more than its quota', async (t) => {
  const { ask, settled } = api();
  const loadbalancer = { vip_subnet_id: SUBNET, project_id: 'shop' };
  t.like((await ask('GET', 'lbaas/quotas/shop')).body.quota, { loadbalancer: -1, project_id: 'shop' });
  t.is((await ask('PUT', 'lbaas/quotas/shop', { quota: { loadbalancer: '1', listener: 0 } })).status, 202);
  const { body } = await ask('POST', 'lbaas/loadbalancers', { loadbalancer });
  await settled();
  t.is((await ask('POST', 'lbaas/loadbalancers', { loadbalancer })).status, 403);
  const listener = { loadbalancer_id: body.loadbalancer.id, protocol: 'TCP', protocol_port: 1 };
  t.is((await ask('POST', 'lbaas/listeners', { listener })).status, 403);
  t.is((await ask('DELETE', 'lbaas/quotas/shop')).status, 202);
  t.is((await ask('POST', 'lbaas/listeners', { listener })).status, 201);
  t.regex(
    (await ask('PUT', 'lbaas/quotas/shop', { quota: { listner: 1 } })).body.faultstring,
    /nearest is "listener"/,
  );
});
