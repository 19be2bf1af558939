import test from 'ava';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { PATHS } from '../../src/templates/paths.ts';
import { AmphoraLab } from './amphora-lab.ts';
import { findEngine } from './engine/engine.ts';
import { requireImages } from './images/images.ts';
import { defaultLoadBalancer } from './load-balancer.ts';
import { untilServed } from './service.ts';

const LIMIT_MS = 60_000;

for (const how of ['orderly', 'reset'] as const) {
  test(`an amphora comes back from a reboot by itself (${how})`, async (t) => {
    t.timeout(3 * LIMIT_MS);
    const engine = await findEngine();
    const images = await requireImages(engine);
    const loadBalancer = { ...defaultLoadBalancer(), topology: 'SINGLE' as const };
    await using lab = await AmphoraLab.create({ engine, images, loadBalancer, settings: DEFAULT_SETTINGS });
    const [amphora] = lab.amphorae;
    if (!amphora) throw new Error('The lab must have an amphora.');
    const forward = await lab.forwardVip(8080);
    const vip = `http://127.0.0.1:${forward.port}`;
    await untilServed(vip, LIMIT_MS);

    const startedMs = performance.now();
    await lab.reboot(amphora, how);
    await untilServed(vip, LIMIT_MS);
    t.log(`serves again ${Math.round(performance.now() - startedMs)} ms after the reboot was asked for`);
    t.not(lab.amphorae[0]?.instance.pid, amphora.instance.pid);
    t.is(await lab.agent(amphora).interfaceOf(amphora.vrrp_ip), 'eth1');
  });
}

test('an amphora that boots slowly after a power loss is a backup again, whatever its pid files say', async (t) => {
  t.timeout(3 * LIMIT_MS);
  const engine = await findEngine();
  const images = await requireImages(engine);
  const loadBalancer = defaultLoadBalancer();
  await using lab = await AmphoraLab.create({ engine, images, loadBalancer, settings: DEFAULT_SETTINGS });
  const [amphora] = lab.amphorae;
  if (!amphora) throw new Error('The lab must have an amphora.');
  // There is a process 1 after any boot.
  const stale = [PATHS.vrrp.pid, `${PATHS.lvs.folder}/stale.pid`];
  const write = `mkdir -p ${PATHS.lvs.folder}; echo 1 | tee ${stale.join(' ')}`;
  await lab.fabric.run({ argv: lab.inside(amphora, 'sh', '-c', write) });
  // It boots in some seconds: what tells of the boot is asked before systemd listens, and before there is a journal.
  await lab.limitCpu(amphora, 0.1);
  const { pid } = amphora.instance;
  await lab.fabric.run({ signal: 'SIGKILL', pid }, { ended: pid });
  await lab.boot(amphora);
  const [left] = await lab.fabric.attempt({ argv: lab.inside(lab.current(amphora), 'cat', ...stale) });
  t.notRegex(left?.stdout ?? '', /^1$/m);
});
