import test from 'ava';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import { locate, without } from '../domain/objects.ts';
import { Conflict } from '../domain/schema/invalid.ts';
import { planChange } from './change.ts';

const LISTENER = '11111111-0000-4000-8000-000000000001';
const POOL = '22222222-0000-4000-8000-000000000001';
const MEMBER = '33333333-0000-4000-8000-000000000001';
const POLICY = '44444444-0000-4000-8000-000000000001';
const rule = { type: 'PATH', compare_type: 'STARTS_WITH', value: '/a' };

const loadBalancer = parseLoadBalancer({
  name: 'lb',
  subnet_cidr: '172.16.1.0/24',
  gateway_ip: '172.16.1.1',
  pools: [
    {
      id: POOL,
      name: 'pool',
      protocol: 'HTTP',
      members: [
        { id: MEMBER, address: '10.0.0.1', protocol_port: 80 },
        { address: '10.0.0.2', protocol_port: 80 },
      ],
    },
  ],
  listeners: [
    {
      id: LISTENER,
      protocol: 'HTTP',
      protocol_port: 80,
      default_pool_id: POOL,
      insert_headers: { 'X-Forwarded-For': 'true' },
      l7policies: [{ id: POLICY, action: 'REJECT', position: 1, rules: [rule] }],
    },
  ],
});

test('an object that is created gets an id, and those within it', (t) => {
  const planned = planChange(loadBalancer, {
    action: 'create',
    object: 'listener',
    parent: loadBalancer.id,
    value: {
      protocol: 'HTTP',
      protocol_port: 81,
      default_pool: {
        name: 'p',
        protocol: 'HTTP',
        lb_algorithm: 'ROUND_ROBIN',
        members: [{ address: '10.0.0.3', protocol_port: 80 }],
      },
    },
  });
  t.is(planned.created.length, 3);
  t.deepEqual(
    planned.created.map((id) => locate(planned.loadBalancer, id)?.kind),
    ['listener', 'pool', 'member'],
  );
});

test('a pool that names a listener becomes its default, unless it has one', (t) => {
  const bare = {
    ...loadBalancer,
    listeners: loadBalancer.listeners.map((one) => ({ ...one, default_pool_id: undefined })),
  };
  const planned = planChange(bare, {
    action: 'create',
    object: 'pool',
    parent: loadBalancer.id,
    value: { protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', listener_id: LISTENER },
  });
  t.is(planned.loadBalancer.listeners[0]?.default_pool_id, planned.created[0]);
  t.deepEqual(planned.parents, [LISTENER]);
  const again = { protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', listener_id: LISTENER };
  t.throws(
    () =>
      planChange(loadBalancer, {
        action: 'create',
        object: 'pool',
        parent: loadBalancer.id,
        value: again,
      }),
    { instanceOf: Conflict },
  );
});

test('a member that changes keeps its pool and the listeners of it pending', (t) => {
  const planned = planChange(loadBalancer, { action: 'update', id: MEMBER, value: { weight: 7 } });
  t.is(planned.loadBalancer.pools[0]?.members[0]?.weight, 7);
  t.deepEqual(planned.parents, [POOL, LISTENER]);
});

test('what cannot change while an object lives is refused', (t) => {
  t.throws(() => planChange(loadBalancer, { action: 'update', id: LISTENER, value: { protocol_port: 81 } }), {
    message: 'protocol_port: cannot be changed for as long as the listener lives',
  });
});

test('a policy that takes a position moves the others on', (t) => {
  const planned = planChange(loadBalancer, {
    action: 'create',
    object: 'l7policy',
    parent: LISTENER,
    value: { action: 'REDIRECT_TO_POOL', redirect_pool_id: POOL, position: 1, rules: [rule] },
  });
  t.deepEqual(
    planned.loadBalancer.listeners[0]?.l7policies.map(({ id, position }) => [id, position]),
    [
      [planned.created[0], 1],
      [POLICY, 2],
    ],
  );
});

test('members that are replaced are known by where they listen', (t) => {
  const planned = planChange(loadBalancer, {
    action: 'replace members',
    pool: POOL,
    value: [
      { address: '10.0.0.1', protocol_port: 80, weight: 9 },
      { address: '10.0.0.9', protocol_port: 80 },
    ],
  });
  t.deepEqual(planned.updated, [MEMBER]);
  t.is(planned.created.length, 1);
  t.is(planned.deleted.length, 1);
  const left = without(planned.loadBalancer, planned.deleted).pools[0]?.members;
  t.deepEqual(
    left?.map(({ address, weight }) => [address, weight]),
    [
      ['10.0.0.1', 9],
      ['10.0.0.9', 1],
    ],
  );
});

test('a pool in use by a policy cannot be deleted, and a listener goes with its policies', (t) => {
  const planned = planChange(loadBalancer, { action: 'delete', id: LISTENER });
  t.is(planned.deleted.length, 3);
  const used = planChange(loadBalancer, {
    action: 'update',
    id: POLICY,
    value: { action: 'REDIRECT_TO_POOL', redirect_pool_id: POOL },
  }).loadBalancer;
  t.throws(() => planChange(used, { action: 'delete', id: POOL }), { message: /in use by L7 policy/ });
});
