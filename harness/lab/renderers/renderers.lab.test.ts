import { join, resolve } from 'node:path';
import test from 'ava';
import { vrrpGroup } from '../../../src/controller/vrrp-group.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import { processesOf } from '../../../src/driver/haproxy-process.ts';
import { OWN_RENDERERS } from '../../../src/driver/renderers.ts';
import { goldenCases } from '../../../src/golden/golden.fixture.ts';
import { PROJECT_ROOT } from '../../project.ts';
import { parseSystem } from '../../system/system.ts';
import { ourContainers } from '../engine/containers.ts';
import { findEngine } from '../engine/engine.ts';
import { LABEL, newLabName } from '../engine/labels.ts';
import { imagesFor } from '../images/system-images.ts';
import { ask, startFabric } from '../real-parsers.fixture.ts';
import { readTexts, withTexts } from './own-texts.ts';
import { openRenderers } from './renderers.ts';

const SETTINGS = DEFAULT_SETTINGS;

test('the image of Debian’s Octavia renders for its amphorae, and leaves no container behind', async (t) => {
  const engine = await findEngine();
  const images = await imagesFor(engine, parseSystem('--with', ['octavia=bookworm'], resolve), () => {});
  const lab = newLabName();
  const ours = async () => (await ourContainers(engine)).filter(({ Labels }) => Labels[LABEL.lab] === lab);
  {
    await using renderers = await openRenderers(engine, lab, images, () => '');
    t.is((await ours()).length, 1);
    const { loadBalancer, vip, additionalVips, amphorae, amphora, process } = httpPair();
    const served = { loadBalancer, vipAddress: vip.ip_address, amphora, amphorae, settings: SETTINGS };
    const haproxy = await renderers.haproxy({ ...served, process });
    t.regex(haproxy, /^frontend /m);
    t.regex(haproxy, new RegExp(`bind ${vip.ip_address}:`));
    const group = vrrpGroup(loadBalancer.id, SETTINGS);
    const shared = { amphora, amphorae, vip, additionalVips, group, settings: SETTINGS };
    const keepalived = await renderers.keepalived(shared);
    t.regex(keepalived, new RegExp(`unicast_src_ip ${amphora.vrrp_ip}`));
    t.regex(keepalived, /garp_master_refresh 5/);
  }
  t.deepEqual(await ours(), []);
});

test('keepalived accepts the example for both amphorae', async (t) => {
  await using fabric = await startFabric();
  const { texts } = await readTexts({ 'keepalived.conf': join(PROJECT_ROOT, 'examples/keepalived.conf') });
  const renderers = withTexts(OWN_RENDERERS, texts, () => 'amphora');
  const { loadBalancer, vip, additionalVips, amphorae } = httpPair();
  const group = vrrpGroup(loadBalancer.id, SETTINGS);
  for (const amphora of amphorae) {
    const text = await renderers.keepalived({
      ...{ amphora, amphorae, vip, additionalVips, group, settings: SETTINGS },
    });
    const { complaints } = await ask(fabric, ['keepalived', '-t'], `/run/${amphora.role}.conf`, text);
    // The check script and eth1 are in amphorae alone, and IPVS is the machine's.
    t.deepEqual(
      complaints.filter((line) => !/script|SECURITY|IPVS|ip_vs|exist/i.test(line)),
      [],
    );
  }
  t.is(amphorae.length, 2);
});

/** The golden load balancer `http` with what is rendered for its first amphora. */
function httpPair() {
  const one = goldenCases().find(({ name }) => name === 'http');
  const [amphora] = one?.amphorae ?? [];
  const [process] = one ? processesOf(one.loadBalancer, '1.0') : [];
  if (!one || !amphora || !process) throw new Error('The golden load balancer has changed.');
  return { ...one, amphora, process };
}
