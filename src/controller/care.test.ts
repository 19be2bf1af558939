import test from 'ava';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import { DEFAULT_SETTINGS } from '../domain/settings.ts';
import { CloudDouble } from '../flows/cloud.double.ts';
import { encodeHeartbeat } from '../health/encode-heartbeat.ts';
import { openStore } from '../store/sqlite.ts';
import { careFor } from './care.ts';
import { Controller } from './controller.ts';

const SETTINGS = { heartbeat_key: 'insecure', heartbeat_timeout: 0.2, health_check_interval: 0.02 };

async function served() {
  const cloud = new CloudDouble();
  const { compute, network, driver } = cloud;
  const controller = new Controller({
    ...{ compute, network, driver },
    bootFiles: async () => [],
    settings: DEFAULT_SETTINGS,
    store: openStore(':memory:'),
  });
  const loadBalancer = parseLoadBalancer({
    vip_address: '172.16.1.10',
    listeners: [{ protocol: 'HTTP', protocol_port: 80 }],
  });
  await controller.createLoadBalancer(loadBalancer);
  return { cloud, controller, id: loadBalancer.id, listener: loadBalancer.listeners[0]?.id ?? '' };
}

const STATS = { tx: 0, rx: 0, conns: 0, totconns: 0, ereq: 0 };

/** A heartbeat of an amphora that serves these listeners. */
const beat = (id: string, ...listeners: string[]) =>
  encodeHeartbeat(
    {
      ...{ id, seq: 1, ver: 3, pools: {} },
      listeners: Object.fromEntries(
        listeners.map((listener) => [listener, { status: 'OPEN', stats: STATS }]),
      ),
    },
    'insecure',
  );

function pairOf(controller: Controller, id: string): readonly [string, string] {
  const [one, other] = controller.deployment(id).amphorae.map((amphora) => amphora.id);
  if (!one || !other) throw new Error('There must be two amphorae.');
  return [one, other];
}

for (const [what, reports] of [
  ['falls silent', () => undefined],
  ['lives while its HAProxy is dead', (id: string) => beat(id)],
] as const) {
  test(`an amphora that ${what} is replaced by itself; one that beats stays`, async (t) => {
    const { controller, id, listener } = await served();
    const [failing, alive] = pairOf(controller, id);
    const replaced = Promise.withResolvers<string>();
    using health = careFor(controller, SETTINGS, { onFailedOver: replaced.resolve });
    health.check();
    health.receive(beat(failing, listener));
    const heart = setInterval(() => {
      health.receive(beat(alive, listener));
      const report = reports(failing);
      if (report) health.receive(report);
    }, 20);
    try {
      t.is(await replaced.promise, failing);
    } finally {
      clearInterval(heart);
    }
    health.receive(beat(alive, listener));
    const deployment = controller.deployment(id);
    const now = deployment.amphorae.map((amphora) => amphora.id);
    t.is(deployment.provisioning_status, 'ACTIVE');
    t.is(now.length, 2);
    t.true(now.includes(alive) && !now.includes(failing));
    t.is(deployment.operating_status, 'ONLINE');
    t.is(deployment.statuses[listener]?.operating_status, 'ONLINE');
  });
}

test('an amphora that has never been heard is left alone; one that was heard before a restart is not', async (t) => {
  const { controller, id, listener } = await served();
  const [silent, other] = pairOf(controller, id);
  {
    using before = careFor(controller, SETTINGS);
    before.check();
    before.receive(beat(silent, listener));
  }
  const replaced = Promise.withResolvers<string>();
  using health = careFor(controller, SETTINGS, { onFailedOver: replaced.resolve });
  health.check();
  const alive = setInterval(() => {}, 1000);
  try {
    t.is(await replaced.promise, silent);
  } finally {
    clearInterval(alive);
  }
  t.true(controller.deployment(id).amphorae.some((amphora) => amphora.id === other));
});

test('a heartbeat of an amphora whose load balancer has just been deleted changes nothing', async (t) => {
  const { controller, id, listener } = await served();
  const [one] = pairOf(controller, id);
  using health = careFor(controller, SETTINGS);
  health.check();
  await controller.deleteLoadBalancer(id);
  t.notThrows(() => health.receive(beat(one, listener)));
});

test('a failed failover is reported, and repeated once the amphora has been silent again', async (t) => {
  const { cloud, controller, id, listener } = await served();
  const replaced = Promise.withResolvers<string>();
  const failures: string[] = [];
  using health = careFor(controller, SETTINGS, {
    onStale: () => {
      cloud.failing = failures.length === 0 ? cloud.calls.length : undefined;
    },
    onFailure: (amphoraId) => failures.push(amphoraId),
    onFailedOver: replaced.resolve,
  });
  health.check();
  for (const amphora of pairOf(controller, id)) health.receive(beat(amphora, listener));
  // The watch alone keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  try {
    await replaced.promise;
  } finally {
    clearInterval(alive);
  }
  t.true(failures.length >= 1);
  t.is(controller.deployment(id).amphorae.length, 2);
});
