import test, { type ExecutionContext } from 'ava';
import { Controller } from '../controller/controller.ts';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import { type Deployment, members, served } from '../domain/deployment.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import { DEFAULT_SETTINGS } from '../domain/settings.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { CloudDouble } from './cloud.double.ts';
import { FlowFailed } from './flow.ts';

const LISTENER = '11111111-0000-4000-8000-000000000001';
const POOL = '22222222-0000-4000-8000-000000000001';
const MEMBER = '33333333-0000-4000-8000-000000000001';
const POLICY = '44444444-0000-4000-8000-000000000001';
const RULE = '55555555-0000-4000-8000-000000000001';
const MONITOR = '66666666-0000-4000-8000-000000000001';
const rule = { type: 'PATH', compare_type: 'STARTS_WITH', value: '/a' };
const monitor = { type: 'TCP', delay: 5, timeout: 3, max_retries: 2 };

function loadBalancer(topology: 'SINGLE' | 'ACTIVE_STANDBY'): LoadBalancer {
  return parseLoadBalancer({
    name: 'lb',
    topology,
    vip_address: '172.16.1.10',
    pools: [
      {
        id: POOL,
        protocol: 'HTTP',
        members: [{ id: MEMBER, address: '10.0.0.1', protocol_port: 80 }],
        healthmonitor: { id: MONITOR, ...monitor },
      },
      { name: 'idle', protocol: 'HTTP' },
    ],
    listeners: [
      {
        id: LISTENER,
        protocol: 'HTTP',
        protocol_port: 80,
        default_pool_id: POOL,
        l7policies: [{ id: POLICY, action: 'REJECT', rules: [{ id: RULE, ...rule }] }],
      },
    ],
  });
}

/** A controller in a cloud, as one that follows another finds them. */
function controllerIn(cloud: CloudDouble, store: Store): Controller {
  const { compute, network, driver } = cloud;
  const bootFiles = async () => [];
  return new Controller({ compute, network, driver, bootFiles, store, settings: DEFAULT_SETTINGS });
}

type Act = (controller: Controller, lb: LoadBalancer) => Promise<unknown>;

const idle = (lb: LoadBalancer) => lb.pools.find((pool) => pool.name === 'idle')?.id ?? '';
const ofRole = (controller: Controller, lb: LoadBalancer, role: string) =>
  controller.deployment(lb.id).amphorae.find((amphora) => amphora.role === role)?.id ?? '';

/** Every change of an object, and what is in ERROR when it has failed. */
const CHANGES: Readonly<Record<string, { readonly act: Act; readonly failed: string | undefined }>> = {
  'create listener': {
    act: (controller, lb) => controller.create('listener', lb.id, { protocol: 'TCP', protocol_port: 81 }),
    failed: undefined,
  },
  'update listener': {
    act: (controller) => controller.update(LISTENER, { connection_limit: 5 }),
    failed: LISTENER,
  },
  'delete listener': { act: (controller) => controller.delete(LISTENER), failed: LISTENER },
  'create pool': {
    act: (controller, lb) =>
      controller.create('pool', lb.id, { protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' }),
    failed: undefined,
  },
  'update pool': {
    act: (controller) => controller.update(POOL, { lb_algorithm: 'SOURCE_IP' }),
    failed: POOL,
  },
  'delete pool': { act: (controller) => controller.delete(POOL), failed: POOL },
  'create member': {
    act: (controller) => controller.create('member', POOL, { address: '10.0.0.2', protocol_port: 80 }),
    failed: undefined,
  },
  'update member': { act: (controller) => controller.update(MEMBER, { weight: 3 }), failed: MEMBER },
  'delete member': { act: (controller) => controller.delete(MEMBER), failed: MEMBER },
  'replace members': {
    act: (controller) =>
      controller.replaceMembers(POOL, [
        { address: '10.0.0.1', protocol_port: 80, weight: 5 },
        { address: '10.0.0.3', protocol_port: 80 },
      ]),
    failed: MEMBER,
  },
  'create health monitor': {
    act: (controller, lb) => controller.create('healthmonitor', idle(lb), monitor),
    failed: undefined,
  },
  'update health monitor': { act: (controller) => controller.update(MONITOR, { delay: 9 }), failed: MONITOR },
  'delete health monitor': { act: (controller) => controller.delete(MONITOR), failed: MONITOR },
  'create L7 policy': {
    act: (controller) => controller.create('l7policy', LISTENER, { action: 'REJECT', rules: [rule] }),
    failed: undefined,
  },
  'update L7 policy': {
    act: (controller) => controller.update(POLICY, { action: 'REDIRECT_TO_POOL', redirect_pool_id: POOL }),
    failed: POLICY,
  },
  'delete L7 policy': { act: (controller) => controller.delete(POLICY), failed: POLICY },
  'create L7 rule': {
    act: (controller) => controller.create('l7rule', POLICY, { ...rule, value: '/b' }),
    failed: undefined,
  },
  'update L7 rule': { act: (controller) => controller.update(RULE, { value: '/c' }), failed: RULE },
  'delete L7 rule': { act: (controller) => controller.delete(RULE), failed: RULE },
};

const FAILOVERS: Readonly<Record<string, Act>> = {
  'failover of the master': (controller, lb) => controller.failoverAmphora(ofRole(controller, lb, 'MASTER')),
  'failover of the backup': (controller, lb) => controller.failoverAmphora(ofRole(controller, lb, 'BACKUP')),
  'failover of the load balancer': (controller, lb) => controller.failoverLoadBalancer(lb.id),
};

/** Whatever has happened: cloud and controller know of the same things, and nothing is under way. */
function nothingLeaked(t: ExecutionContext, cloud: CloudDouble, store: Store, when: string): void {
  const deployments = store.deployments();
  const amphorae = deployments.flatMap((deployment) => deployment.amphorae.map(({ id }) => id)).sort();
  t.deepEqual(
    [...cloud.machines.keys()].filter((id) => !amphorae.includes(id)),
    [],
    `machines, ${when}`,
  );
  t.deepEqual(
    [...cloud.ports.keys()].filter((id) => !amphorae.includes(id)),
    [],
    `ports, ${when}`,
  );
  t.deepEqual(store.unfinished(), [], `flows, ${when}`);
}

/** As the store gives it back; of policies the order counts, not the numbers. */
function plain(value: LoadBalancer): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'position' ? undefined : inner)));
}

/** Every amphora serves what the controller holds for the last good configuration. */
function inStep(t: ExecutionContext, cloud: CloudDouble, deployment: Deployment, when: string): void {
  for (const { id } of members(deployment)) {
    const { served: running } = cloud.machines.get(id) ?? {};
    t.deepEqual(plain(running ?? deployment.applied), plain(deployment.applied), `${id}, ${when}`);
  }
  t.deepEqual(
    cloud.openPorts(deployment.loadBalancer.id),
    deployment.applied.listeners.map((listener) => listener.protocol_port),
    `open ports, ${when}`,
  );
}

/** A load balancer that is ACTIVE, before something is done to it. */
async function active(topology: 'SINGLE' | 'ACTIVE_STANDBY' = 'ACTIVE_STANDBY') {
  const cloud = new CloudDouble();
  const store = openStore(':memory:');
  const controller = controllerIn(cloud, store);
  const lb = loadBalancer(topology);
  await controller.createLoadBalancer(lb);
  cloud.calls.length = 0;
  return { cloud, store, controller, lb };
}

for (const topology of ['SINGLE', 'ACTIVE_STANDBY'] as const) {
  test(`a creation (${topology}) that fails at any call leaves ERROR and nothing else`, async (t) => {
    const lb = loadBalancer(topology);
    for (let failing = 0; ; failing++) {
      const cloud = new CloudDouble();
      cloud.failing = failing;
      using store = openStore(':memory:');
      const controller = controllerIn(cloud, store);
      const outcome = await controller.createLoadBalancer(lb).catch((error: unknown) => error);
      if (!(outcome instanceof FlowFailed)) {
        const deployment = controller.deployment(lb.id);
        t.is(deployment.provisioning_status, 'ACTIVE');
        t.is(cloud.machines.size, topology === 'SINGLE' ? 1 : 2);
        t.deepEqual(
          new Set(Object.values(deployment.statuses).map((s) => s.provisioning_status)),
          new Set(['ACTIVE']),
        );
        inStep(t, cloud, deployment, 'created');
        t.true(failing > 5, 'calls were made to fail before');
        return;
      }
      const when = `${cloud.calls[failing]} (${failing})`;
      t.is(controller.deployment(lb.id).provisioning_status, 'ERROR', when);
      t.deepEqual([cloud.machines.size, cloud.ports.size, cloud.vips.size], [0, 0, 0], when);
      nothingLeaked(t, cloud, store, when);
    }
  });
}

for (const [name, { act, failed }] of Object.entries(CHANGES)) {
  test(`${name}: done, it is ACTIVE; failed at any call, in ERROR on the last good configuration`, async (t) => {
    for (let failing = 0; ; failing++) {
      const { cloud, store, controller, lb } = await active();
      const before = controller.deployment(lb.id);
      cloud.failing = failing;
      const outcome = await act(controller, lb).catch((error: unknown) => error);
      cloud.failing = undefined;
      const deployment = controller.deployment(lb.id);
      const when = `${cloud.calls[failing]} (${failing})`;
      t.is(deployment.provisioning_status, 'ACTIVE', when);
      nothingLeaked(t, cloud, store, when);
      inStep(t, cloud, deployment, when);
      const inError = Object.entries(deployment.statuses).flatMap(([id, status]) =>
        status.provisioning_status === 'ACTIVE' ? [] : [[id, status.provisioning_status]],
      );
      if (!(outcome instanceof FlowFailed)) {
        t.true(failing > 0, 'calls were made to fail before');
        t.deepEqual(inError, []);
        t.notDeepEqual(deployment.applied, before.applied);
        return;
      }
      t.deepEqual(deployment.applied, before.applied, when);
      t.deepEqual(new Set(inError.map(([, status]) => status)), new Set(['ERROR']), when);
      if (failed)
        t.true(
          inError.some(([id]) => id === failed),
          when,
        );
      else
        t.deepEqual(
          plain(served(deployment)),
          plain(before.applied),
          'what was never served is not rendered',
        );
      // The next change is none the worse for it.
      await controller.update(LISTENER, { timeout_client_data: 1000 });
      inStep(t, cloud, controller.deployment(lb.id), `after ${when}`);
    }
  });
}

for (const [name, act] of Object.entries(FAILOVERS)) {
  test(`${name} that fails at any call keeps amphorae that serve, and none that nobody knows`, async (t) => {
    for (let failing = 0; ; failing++) {
      const { cloud, store, controller, lb } = await active();
      const before = members(controller.deployment(lb.id)).map(({ id }) => id);
      cloud.failing = failing;
      const outcome = await act(controller, lb).catch((error: unknown) => error);
      const when = `${cloud.calls[failing]} (${failing})`;
      const deployment = controller.deployment(lb.id);
      nothingLeaked(t, cloud, store, when);
      t.is(members(deployment).length, 2, when);
      for (const { id } of members(deployment)) t.true(cloud.machines.has(id), when);
      if (!(outcome instanceof FlowFailed)) {
        t.is(deployment.provisioning_status, 'ACTIVE', when);
        inStep(t, cloud, deployment, when);
        const replaced = before.filter((id) => !members(deployment).some((amphora) => amphora.id === id));
        t.is(replaced.length, name.endsWith('balancer') ? 2 : 1, when);
        const peers = members(deployment).map(({ vrrp_ip }) => vrrp_ip);
        for (const { id, vrrp_ip } of members(deployment)) {
          // One that seemed lost has not been told.
          if (cloud.calls[failing] === 'reachable') break;
          const text = cloud.machines.get(id)?.keepalived ?? '';
          for (const peer of peers)
            t.true(text.includes(`${peer === vrrp_ip ? 'unicast_src_ip ' : '    '}${peer}\n`), when);
        }
        if (failing >= cloud.calls.length) return;
      } else {
        t.is(deployment.provisioning_status, 'ERROR', when);
        // It can be failed over again, and is well then.
        await controller.failoverLoadBalancer(lb.id);
        t.is(controller.deployment(lb.id).provisioning_status, 'ACTIVE', when);
        t.is(cloud.machines.size, 2, when);
      }
    }
  });
}

test('a load balancer that is deleted takes everything with it; a failure leaves it to be deleted again', async (t) => {
  for (let failing = 0; ; failing++) {
    const { cloud, store, controller, lb } = await active();
    cloud.failing = failing;
    const outcome = await controller.deleteLoadBalancer(lb.id).catch((error: unknown) => error);
    if (outcome instanceof FlowFailed) {
      t.is(controller.deployment(lb.id).provisioning_status, 'ERROR');
      await controller.deleteLoadBalancer(lb.id);
    }
    t.deepEqual([cloud.machines.size, cloud.ports.size, cloud.vips.size], [0, 0, 0]);
    nothingLeaked(t, cloud, store, String(failing));
    t.deepEqual(store.deployments(), []);
    if (failing >= cloud.calls.length) return;
  }
});

test('a load balancer that is being changed cannot be changed', async (t) => {
  const { controller, lb } = await active();
  const first = controller.accept({ action: 'update', id: MEMBER, value: { weight: 2 } });
  t.is(first.deployment.statuses[MEMBER]?.provisioning_status, 'PENDING_UPDATE');
  t.is(first.deployment.statuses[POOL]?.provisioning_status, 'PENDING_UPDATE');
  t.throws(() => controller.accept({ action: 'delete', id: MEMBER }), { name: 'Immutable' });
  await first.done;
  t.is(controller.deployment(lb.id).provisioning_status, 'ACTIVE');
});

const EVERY_FLOW: Readonly<Record<string, Act>> = {
  'create load balancer': (controller, lb) => controller.createLoadBalancer(lb),
  'create listener': CHANGES['create listener']?.act ?? (async () => {}),
  'delete pool': CHANGES['delete pool']?.act ?? (async () => {}),
  ...FAILOVERS,
  'delete load balancer': (controller, lb) => controller.deleteLoadBalancer(lb.id),
};

for (const [name, act] of Object.entries(EVERY_FLOW)) {
  test(`${name}: a controller that is killed at any write is followed by one that ends its work`, async (t) => {
    let writes = Number.POSITIVE_INFINITY;
    for (let killedAt = 0; killedAt < writes; killedAt++) {
      const cloud = new CloudDouble();
      using store = openStore(':memory:');
      const lb = loadBalancer('ACTIVE_STANDBY');
      if (name !== 'create load balancer') await controllerIn(cloud, store).createLoadBalancer(lb);
      const { promise: dead, resolve } = Promise.withResolvers<void>();
      const dying = dyingStore(store, killedAt, () => {
        cloud.silent = true;
        resolve();
      });
      const first = act(controllerIn(cloud, dying.store), lb);
      const ended = await Promise.race([
        first.then(
          () => true,
          () => false,
        ),
        dead.then(() => undefined),
      ]);
      if (ended !== undefined && killedAt >= dying.writes()) writes = killedAt;
      cloud.silent = false;

      const second = controllerIn(cloud, store);
      for (const outcome of await second.resume())
        t.is(outcome.status, 'fulfilled', `killed at write ${killedAt}`);
      const when = `killed at write ${killedAt}`;
      nothingLeaked(t, cloud, store, when);
      const deployment = second.deployments.at(0);
      if (!deployment) {
        t.deepEqual([cloud.machines.size, cloud.ports.size, cloud.vips.size], [0, 0, 0], when);
        continue;
      }
      t.is(deployment.provisioning_status, 'ACTIVE', when);
      t.is(cloud.machines.size, 2, when);
      inStep(t, cloud, deployment, when);
    }
    t.true(writes > 5, `${writes} writes`);
  });
}

/** A store whose owner dies at a write: that one is the last that counts, and nothing is answered any more. */
function dyingStore(
  store: Store,
  killedAt: number,
  onDeath: () => void,
): { store: Store; writes: () => number } {
  let writes = 0;
  const WRITES = new Set(['put', 'remove', 'beginFlow', 'beginTask', 'endTask', 'turnBack', 'endFlow']);
  let atomic = false;
  const proxy = new Proxy(store, {
    get(target, key) {
      const method = target[key as keyof Store] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (writes > killedAt) throw new Error('The controller is dead.');
        if (key === 'atomically') {
          atomic = true;
          const result = method.apply(target, args);
          atomic = false;
          return result;
        }
        const result = method.apply(target, args);
        if (WRITES.has(String(key)) && !atomic && writes++ === killedAt) {
          onDeath();
          throw new Error('The controller has been killed.');
        }
        return result;
      };
    },
  });
  return { store: proxy, writes: () => writes };
}

test('a load balancer that is created serves before its keepalived starts, whose check would fail otherwise', async (t) => {
  const cloud = new CloudDouble();
  const controller = controllerIn(cloud, openStore(':memory:'));
  await controller.createLoadBalancer(loadBalancer('ACTIVE_STANDBY'));
  const { calls } = cloud;
  t.true(calls.includes('updateListeners'));
  t.true(calls.lastIndexOf('updateListeners') < calls.indexOf('vrrp'), calls.join(' '));
});
