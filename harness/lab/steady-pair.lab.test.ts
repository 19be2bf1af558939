import test from 'ava';
import { median } from 'simple-statistics';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { AmphoraLab } from './amphora-lab.ts';
import { findEngine } from './engine/engine.ts';
import { requireImages } from './images/images.ts';
import { defaultLoadBalancer } from './load-balancer.ts';
import { untilServed } from './service.ts';
import { untilSteady } from './steady-pair.ts';

const LIMIT_MS = 60_000;
/** Peers that have nothing to say greet each other after so long (PEER_HEARTBEAT_TIMEOUT of haproxy/src/peers.c), for which they need a MAC. */
const HEARTBEAT_MS = 3000;

test('a machine that does not know the MAC of its peer asks for it, and does not wait until HAProxy talks', async (t) => {
  t.timeout(2 * LIMIT_MS);
  const engine = await findEngine();
  const images = await requireImages(engine);
  const loadBalancer = defaultLoadBalancer();
  await using lab = await AmphoraLab.create({ engine, images, loadBalancer, settings: DEFAULT_SETTINGS });
  const forward = await lab.forwardVip(lab.port);
  await untilServed(`http://127.0.0.1:${forward.port}`, LIMIT_MS, { status: 200 });
  await untilSteady(lab);
  const [one, other] = lab.nodes;
  if (!one || !other) throw new Error('The lab must have two machines.');
  const took: number[] = [];
  for (let n = 0; n < 5; n++) {
    const forgotten = ['neigh', 'delete', one.vrrp_ip, 'dev', other.vrrp_interface];
    await lab.fabric.run({ argv: lab.besideVip(other, 'ip', ...forgotten) });
    const fromMs = performance.now();
    await untilSteady(lab, true);
    took.push(performance.now() - fromMs);
  }
  t.true(median(took) < HEARTBEAT_MS / 6, `steady again after ${took.map(Math.round).join(', ')} ms`);
});
