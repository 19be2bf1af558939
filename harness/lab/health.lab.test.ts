import test from 'ava';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { AmphoraLab } from './amphora-lab.ts';
import { findEngine } from './engine/engine.ts';
import { requireImages } from './images/images.ts';
import { defaultLoadBalancer } from './load-balancer.ts';
import { untilServed } from './service.ts';

const LIMIT_MS = 120_000;
/** Short, but long enough for an agent that waits its turn beside other labs. */
const HEARTBEAT = { heartbeat_interval: 0.5, heartbeat_timeout: 20, health_check_interval: 0.25 };

test('heartbeats tell how a lab fares, and an amphora that falls silent is found', async (t) => {
  t.timeout(2 * LIMIT_MS);
  const engine = await findEngine();
  const images = await requireImages(engine);
  const loadBalancer = { ...defaultLoadBalancer(), topology: 'SINGLE' as const };
  const stale: string[] = [];
  const found = Promise.withResolvers<void>();
  await using lab = await AmphoraLab.create({
    engine,
    images,
    loadBalancer,
    settings: DEFAULT_SETTINGS,
    health: {
      settings: HEARTBEAT,
      told: {
        onStale: (amphoraId, silentMs) => {
          stale.push(amphoraId);
          t.log(`silent for ${Math.round(silentMs)} ms`);
          found.resolve();
        },
      },
    },
  });
  const { health } = lab;
  const [amphora] = lab.amphorae;
  const [listener] = loadBalancer.listeners;
  if (!health || !amphora || !listener) throw new Error('The lab must have them all.');
  const forward = await lab.forwardVip(listener.protocol_port);
  const vip = `http://127.0.0.1:${forward.port}`;
  await untilServed(vip, LIMIT_MS);
  const counted = () => health.statistics.ofListener(listener.id, [amphora.id]);
  // A connection counts from its beginning, what was sent on it in a later heartbeat.
  await health.until(() => counted().total_connections > 0 && counted().bytes_out > 0, LIMIT_MS);
  t.deepEqual(
    loadBalancer.pools
      .flatMap(({ members }) => members)
      .map(({ id }) => lab.deployment.statuses[id]?.operating_status),
    ['NO_MONITOR', 'NO_MONITOR'],
    'the pool has no health monitor',
  );
  t.is(health.counters.rejected, 0);
  t.is(lab.deployment.operating_status, 'ONLINE');
  t.is(lab.deployment.statuses[listener.id]?.operating_status, 'ONLINE');

  await lab.fabric.run({ signal: 'SIGKILL', pid: amphora.instance.pid });
  await found.promise;
  t.deepEqual(stale, [amphora.id]);
});

test('a master that falls silent is replaced by itself, while clients are served', async (t) => {
  t.timeout(2 * LIMIT_MS);
  const engine = await findEngine();
  const images = await requireImages(engine);
  const replaced = Promise.withResolvers<string>();
  await using lab = await AmphoraLab.create({
    engine,
    images,
    loadBalancer: defaultLoadBalancer(),
    settings: DEFAULT_SETTINGS,
    health: {
      settings: { ...HEARTBEAT, heartbeat_timeout: 10 },
      told: {
        onFailedOver: replaced.resolve,
        onFailure: (amphoraId, error) => replaced.reject(new Error(amphoraId, { cause: error })),
      },
    },
  });
  const [master, backup] = lab.amphorae;
  if (!master || !backup) throw new Error('The lab must have two amphorae.');
  const forward = await lab.forwardVip(8080);
  const vip = `http://127.0.0.1:${forward.port}`;
  await untilServed(vip, LIMIT_MS);
  await lab.fabric.run({ signal: 'SIGKILL', pid: master.instance.pid });
  await untilServed(vip, LIMIT_MS);
  t.is(await replaced.promise, master.id);
  t.is(lab.deployment.provisioning_status, 'ACTIVE');
  const now = lab.amphorae.map(({ id }) => id);
  t.is(now.length, 2);
  t.false(now.includes(master.id));
  t.true(now.includes(backup.id), 'the survivor stays');
  await untilServed(vip, LIMIT_MS);
});
