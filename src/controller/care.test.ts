import test from 'ava';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import { DEFAULT_SETTINGS } from '../domain/settings.ts';
import { encodeHeartbeat } from '../health/message.ts';
import { openStore } from '../store/sqlite.ts';
import { careFor } from './care.ts';
import { Controller } from './controller.ts';
import { CloudDouble } from './flows/cloud.double.ts';

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

test('an amphora that falls silent is replaced by itself; one that beats stays', async (t) => {
  const { controller, id, listener } = await served();
  const [silent, alive] = controller.deployment(id).amphorae.map((amphora) => amphora.id);
  if (!silent || !alive) throw new Error('There must be two amphorae.');
  const replaced = Promise.withResolvers<string>();
  using health = careFor(controller, SETTINGS, { onFailedOver: replaced.resolve });
  health.check();
  const stats = { tx: 0, rx: 0, conns: 0, totconns: 0, ereq: 0 };
  const heart = setInterval(() => {
    const listeners = { [listener]: { status: 'OPEN' as const, stats } };
    health.receive(encodeHeartbeat({ id: alive, seq: 1, ver: 3, listeners, pools: {} }, 'insecure'));
  }, 20);
  try {
    t.is(await replaced.promise, silent);
  } finally {
    clearInterval(heart);
  }
  const deployment = controller.deployment(id);
  const now = deployment.amphorae.map((amphora) => amphora.id);
  t.is(deployment.provisioning_status, 'ACTIVE');
  t.is(now.length, 2);
  t.true(now.includes(alive) && !now.includes(silent));
  t.is(deployment.operating_status, 'ONLINE');
  t.is(deployment.statuses[listener]?.operating_status, 'ONLINE');
});

test('a failover that fails is told, and tried again once the amphora has been silent again', async (t) => {
  const { cloud, controller, id } = await served();
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
