import test from 'ava';
import { api, type Json } from './api.fixture.ts';

const SUBNET = '5f3c2c52-6a0c-4a43-9d3a-0c6e3f0a9d11';

/** Three load balancers, the second of which is disabled, with tags that overlap. */
async function three() {
  const { ask, settled } = api();
  const ids: string[] = [];
  for (const [name, tags, admin_state_up] of [
    ['c', ['red', 'blue'], true],
    ['a', ['red'], false],
    ['b', [], true],
  ] as const) {
    const { body } = await ask('POST', 'lbaas/loadbalancers', {
      loadbalancer: { name, tags, admin_state_up, vip_subnet_id: SUBNET, description: `the ${name}` },
    });
    ids.push(body.loadbalancer.id);
  }
  await settled();
  const names = async (query: string): Promise<string> => {
    const { status, body } = await ask('GET', `lbaas/loadbalancers?${query}`);
    return status === 200
      ? body.loadbalancers.map(({ name }: Json) => name).join('')
      : `${status} ${body.faultstring}`;
  };
  return { ask, settled, names, ids };
}

test('a list holds what is asked for, and nothing where nothing is of that name', async (t) => {
  const { names, ids } = await three();
  const found: Record<string, string> = {
    '': 'cab',
    'name=a': 'a',
    'name=nosuch': '',
    'name=a&description=the a': 'a',
    'name=a&description=the b': '',
    [`id=${ids[2]}`]: 'b',
    'admin_state_up=false': 'a',
    'admin_state_up=Yes': 'cb',
    'enabled=0': 'a',
    'provisioning_status=ACTIVE': 'cab',
    [`vip_subnet_id=${SUBNET}`]: 'cab',
    'flavor_id=nosuch': '',
    'tags=red': 'ca',
    'tags=red,blue': 'c',
    'tags=red&tags=blue': 'c',
    'tags-any=blue,green': 'c',
    'not-tags=red,blue': 'ab',
    'not-tags-any=red,blue': 'b',
    'tags=red&not-tags=blue': 'a',
  };
  for (const [query, expected] of Object.entries(found)) t.is(await names(query), expected, query);
  t.regex(await names('name=a&name=b'), /^400 name: can be asked for once only/);
  t.regex(await names('nmae=a'), /^400 nmae: no list can be filtered by it/);
});

test('a list is sorted and cut, and tells where the next page is', async (t) => {
  const { ask, names, ids } = await three();
  const found: Record<string, string> = {
    'sort=name': 'abc',
    'sort=name:desc': 'cba',
    'sort=admin_state_up,name:desc': 'acb',
    'sort_key=name&sort_dir=desc': 'cba',
    'limit=2': 'ca',
    'limit=0': 'cab',
    [`marker=${ids[0]}`]: 'ab',
    [`sort=name&marker=${ids[1]}`]: 'bc',
    [`marker=${ids[2]}&page_reverse=True`]: 'ca',
    [`marker=${ids[2]}&page_reverse=true`]: '',
  };
  for (const [query, expected] of Object.entries(found)) t.is(await names(query), expected, query);

  const pages: string[] = [];
  let next: string | undefined = '/v2/lbaas/loadbalancers?sort=name&limit=1&tags=red';
  while (next) {
    const { body } = await ask('GET', next);
    pages.push(body.loadbalancers.map(({ name }: Json) => name).join(''));
    const link = body.loadbalancers_links.find(({ rel }: Json) => rel === 'next');
    next = link && new URL(link.href).pathname + new URL(link.href).search;
  }
  t.deepEqual(pages, ['a', 'c', '']);
});

test('of each object the fields are shown that are asked for', async (t) => {
  const { ask, ids } = await three();
  const list = await ask('GET', 'lbaas/loadbalancers?fields=name&fields=tags&name=b');
  t.deepEqual(list.body.loadbalancers, [{ name: 'b', tags: [] }]);
  const one = await ask('GET', `lbaas/loadbalancers/${ids[0]}?fields=name`);
  t.deepEqual(one.body, { loadbalancer: { name: 'c' } });
});

test('objects are looked for by what they belong to', async (t) => {
  const { ask, settled, ids } = await three();
  const count = async (path: string) => Object.values((await ask('GET', `lbaas/${path}`)).body)[0].length;
  for (const id of ids.slice(0, 2)) {
    await ask('POST', 'lbaas/listeners', {
      listener: { name: 'web', loadbalancer_id: id, protocol: 'HTTP', protocol_port: 80 },
    });
    await settled();
  }
  t.is(await count('listeners'), 2);
  t.is(await count('listeners?name=web'), 2);
  t.is(await count(`listeners?loadbalancer_id=${ids[0]}`), 1);
  t.is(await count(`listeners?load_balancer_id=${ids[2]}`), 0);
  t.is(await count('listeners?protocol_port=80&protocol=HTTP'), 2);
  t.is(await count('listeners?connection_limit=-1'), 2);
  t.is(await count('pools'), 0);
  const { amphorae } = (await ask('GET', `octavia/amphorae?loadbalancer_id=${ids[0]}`)).body;
  t.deepEqual(
    amphorae.map(({ role }: Json) => role),
    ['MASTER', 'BACKUP'],
  );
  t.is((await ask('GET', 'octavia/amphorae?role=MASTER')).body.amphorae.length, 3);
});
