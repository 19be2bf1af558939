import {
  get,
  loadBalancer,
  nested,
  nestedPool,
  OTHER_SUBNET,
  put,
  SUBNET,
  UNKNOWN,
  type Verdict,
} from './verdict.fixture.ts';

export const OF_LOAD_BALANCERS: readonly Verdict[] = [
  // Load balancers.
  loadBalancer('nothing but a subnet', {}, 201),
  loadBalancer('no place for the VIP', { vip_subnet_id: undefined }, 400),
  loadBalancer('an address alone', { vip_subnet_id: undefined, vip_address: '203.0.113.9' }, 400, {
    differs: { status: 201, reason: 'there is no Neutron to be asked for a subnet' },
  }),
  loadBalancer('a VIP that is no address', { vip_address: 'vip' }, 400),
  loadBalancer('a subnet that is no UUID', { vip_subnet_id: 'subnet' }, 400),
  loadBalancer('a flavor that is not there', { flavor_id: UNKNOWN }, 400),
  loadBalancer('an empty flavor', { flavor_id: '' }, 400, {
    differs: { status: 201, reason: 'an example of the API reference has it' },
  }),
  loadBalancer('null as a flavor', { flavor_id: null }, 400),
  loadBalancer('null as a provider', { provider: null }, 201),
  loadBalancer('an availability zone that is not there', { availability_zone: 'nowhere' }, 400, {
    differs: { status: 201, reason: 'nothing is placed by zones; an example of the API reference has one' },
  }),
  loadBalancer('nothing but null as a place', { vip_subnet_id: null, vip_port_id: null }, 400),
  loadBalancer('a provider that is not there', { provider: 'nobody' }, 400),
  loadBalancer('the same subnet twice', { additional_vips: [{ subnet_id: SUBNET }] }, 400),
  loadBalancer('a further VIP without a subnet', { additional_vips: [{ ip_address: '203.0.113.60' }] }, 400, {
    differs: { status: 201, reason: 'files name its figures instead: there is no Neutron to be asked' },
  }),
  loadBalancer(
    'a wrong value deep within',
    {
      listeners: [
        nested({ default_pool: { ...nestedPool, members: [{ address: 'x', protocol_port: 80 }] } }),
      ],
    },
    400,
  ),
  loadBalancer(
    'a nested pool without a name',
    { listeners: [nested({ default_pool: { ...nestedPool, name: undefined } })] },
    400,
  ),
  loadBalancer(
    'a nested pool without an algorithm',
    { listeners: [nested({ default_pool: { ...nestedPool, lb_algorithm: undefined } })] },
    400,
  ),
  loadBalancer('two pools of one name', { pools: [nestedPool, nestedPool] }, 400),
  loadBalancer(
    'a pool that is not there',
    { listeners: [nested({ default_pool: { name: 'nobody' } })] },
    400,
  ),
  loadBalancer(
    'a pool by its name',
    { pools: [nestedPool], listeners: [nested({ default_pool: { name: 'p' } })] },
    201,
  ),
  loadBalancer('two listeners on one port', { listeners: [nested({}), nested({})] }, 409),
  loadBalancer(
    'a member twice',
    {
      pools: [
        {
          ...nestedPool,
          members: [
            { address: '192.0.2.1', protocol_port: 80 },
            { address: '192.0.2.1', protocol_port: 80 },
          ],
        },
      ],
    },
    409,
  ),
  loadBalancer(
    'a path in a nested monitor of TCP',
    {
      pools: [
        {
          ...nestedPool,
          healthmonitor: { type: 'TCP', delay: 1, timeout: 1, max_retries: 1, url_path: '/' },
        },
      ],
    },
    400,
  ),
  loadBalancer(
    'PROMETHEUS with a nested pool',
    { listeners: [nested({ protocol: 'PROMETHEUS', default_pool: nestedPool })] },
    400,
  ),
  loadBalancer(
    'fifty-one rules',
    {
      listeners: [
        nested({
          l7policies: [
            {
              action: 'REJECT',
              rules: Array.from({ length: 51 }, () => ({
                type: 'PATH',
                compare_type: 'EQUAL_TO',
                value: '/',
              })),
            },
          ],
        }),
      ],
    },
    409,
  ),
  loadBalancer(
    'a bad expression in a nested rule',
    {
      listeners: [
        nested({
          l7policies: [{ action: 'REJECT', rules: [{ type: 'PATH', compare_type: 'REGEX', value: '(' }] }],
        }),
      ],
    },
    400,
  ),
  put(
    'a load balancer: its VIP',
    'loadbalancers/{lb}',
    { loadbalancer: { vip_address: '203.0.113.51' } },
    400,
  ),
  put(
    'a load balancer: tags and description',
    'loadbalancers/{lb}',
    { loadbalancer: { tags: ['a'], description: 'd' } },
    200,
  ),
  { rule: 'a load balancer with children', method: 'DELETE', path: 'loadbalancers/{lb}', status: 400 },
  {
    rule: 'a load balancer with children, and cascade by a text that is no boolean',
    method: 'DELETE',
    path: 'loadbalancers/{lb}?cascade=maybe',
    status: 400,
  },
  { rule: 'an unknown query', method: 'DELETE', path: 'loadbalancers/{lb}?recursive=true', status: 400 },
  {
    rule: 'a load balancer that is not there',
    method: 'DELETE',
    path: `loadbalancers/${UNKNOWN}`,
    status: 404,
  },
  put(
    'a field of upstream, with a further subnet',
    'loadbalancers/{lb}',
    { loadbalancer: { additional_vips: [{ subnet_id: OTHER_SUBNET }] } },
    400,
  ),

  // Lists.
  get('a name', 'loadbalancers?name=nobody', 200),
  get('a filter that is none', 'loadbalancers?nosuch=1', 400),
  get('a sort key that is none', 'loadbalancers?sort=nosuch', 400),
  get('a direction that is none', 'loadbalancers?sort=name:sideways', 400),
  get('a marker that is none', `loadbalancers?marker=${UNKNOWN}`, 400),
  get('a limit that is none', 'loadbalancers?limit=many', 400),
  get('a limit of -1', 'loadbalancers?limit=-1', 200),
  get('a filter twice', 'loadbalancers?name=a&name=b', 500, {
    differs: { status: 400, reason: 'upstream fails in its database' },
  }),
  get('a filter by a relation', 'listeners?l7policies=x', 500, {
    differs: { status: 400, reason: 'upstream fails in its database' },
  }),
  get("a filter by a column's own name", 'healthmonitors?rise_threshold=2', 200),
  get('nothing to sort by', 'loadbalancers?sort=', 200),
  get('two sort keys', 'loadbalancers?sort=name:asc,id:desc', 200),
  get('tags twice', 'loadbalancers?tags=a&tags=b', 200),
  get('an unknown query of one object', 'loadbalancers/{lb}?nosuch=1', 200),
  get('an unknown query of a status', 'loadbalancers/{lb}/status?nosuch=1', 400),
  get('with a slash at the end', 'loadbalancers/', 200),
  get('statistics', 'loadbalancers/{lb}/stats', 200),
  get('statistics of a listener', 'listeners/{http}/stats', 200),
  get('members of a pool that is not there', `pools/${UNKNOWN}/members`, 404),
];
