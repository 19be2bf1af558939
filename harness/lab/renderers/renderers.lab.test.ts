import { readFile } from 'node:fs/promises';
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

test('the image of Debian’s Octavia renders as its package does, and leaves no container behind', async (t) => {
  const engine = await findEngine();
  const images = await imagesFor(engine, parseSystem('--with', ['octavia=trixie'], resolve), () => {});
  const lab = newLabName();
  const ours = async () => (await ourContainers(engine)).filter(({ Labels }) => Labels[LABEL.lab] === lab);
  {
    await using renderers = await openRenderers(engine, lab, images, () => '');
    t.is((await ours()).length, 1);
    for (const { name, loadBalancer, vip, additionalVips, amphorae } of goldenCases()) {
      const [amphora] = amphorae;
      const [process] = processesOf(loadBalancer, '1.0');
      if (!amphora) continue;
      const served = { loadBalancer, vipAddress: vip.ip_address, amphora, amphorae, settings: SETTINGS };
      const group = vrrpGroup(loadBalancer.id, SETTINGS);
      const made = {
        ...(process && { 'haproxy.cfg': renderers.haproxy({ ...served, process }) }),
        ...(loadBalancer.topology === 'ACTIVE_STANDBY' && {
          'keepalived.conf': renderers.keepalived({
            ...{ amphora, amphorae, vip, additionalVips, group, settings: SETTINGS },
          }),
        }),
      };
      for (const [file, text] of Object.entries(made)) {
        const golden = join(PROJECT_ROOT, 'src/golden/debian', `${name}.${file}`);
        t.is(await text, await readFile(golden, 'utf8'), `${name}.${file}`);
      }
    }
  }
  t.deepEqual(await ours(), []);
});

test('keepalived accepts the example for both amphorae', async (t) => {
  await using fabric = await startFabric();
  const { texts } = await readTexts({ 'keepalived.conf': join(PROJECT_ROOT, 'examples/keepalived.conf') });
  const renderers = withTexts(OWN_RENDERERS, texts, () => 'amphora');
  const one = goldenCases().find(({ name }) => name === 'http');
  for (const amphora of one?.amphorae ?? []) {
    const group = vrrpGroup(one?.loadBalancer.id ?? '', SETTINGS);
    const { amphorae = [], vip, additionalVips = [] } = one ?? {};
    if (!vip) return t.fail('the golden load balancer has changed');
    const text = await renderers.keepalived({
      ...{ amphora, amphorae, vip, additionalVips, group, settings: SETTINGS },
    });
    const { complaints } = await ask(fabric, ['keepalived', '-t'], `/run/${amphora.role}.conf`, text);
    // The check script is in amphorae alone, and IPVS is the machine's.
    t.deepEqual(
      complaints.filter((line) => !/script|SECURITY|IPVS|ip_vs/i.test(line)),
      [],
    );
  }
  t.is(one?.amphorae.length, 2);
});
