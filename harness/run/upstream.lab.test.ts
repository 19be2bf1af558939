import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import masterKill from '../../scenarios/master-kill.ts';
import { findEngine } from '../lab/engine/engine.ts';
import { imagesFor } from '../lab/images/system-images.ts';
import { OWN_SYSTEM, type System } from '../system/system.ts';
import { validRun } from './one-run.fixture.ts';
import { DEBIAN, upstreamCheckout } from './upstream-checkout.fixture.ts';

const MARK = 'changed by a checkout';

test('a change of upstream’s agent in a checkout is what an amphora runs, and it fails over as the model says', async (t) => {
  t.timeout(15 * 60_000);
  const { folder } = await upstreamCheckout(t);
  const unit = join(folder, 'octavia/amphorae/backends/agent/api_server/templates/keepalived.systemd.j2');
  const packaged = await readFile(unit, 'utf8');
  await writeFile(unit, packaged.replace(/^Description=.*/m, `Description=${MARK}`));

  const engine = await findEngine();
  const checkout: System = { ...DEBIAN, octavia: { kind: 'checkout', path: folder } };
  const { amphora } = await imagesFor(engine, checkout, () => {});
  t.is((await imagesFor(engine, { ...OWN_SYSTEM, image: amphora }, () => {})).system.agent, 'octavia');

  await using done = await validRun(t, masterKill, checkout);
  t.is(done.run.status, 'passed', done.run.reason);
  const journal = await readFile(join(done.folder, 'amphora-1.journal.log'), 'utf8');
  t.true(journal.includes(MARK), 'systemd names the changed unit');
});
