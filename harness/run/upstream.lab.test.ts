import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { execa } from 'execa';
import masterKill from '../../scenarios/master-kill.ts';
import type { Engine } from '../lab/engine/engine.ts';
import { findEngine } from '../lab/engine/engine.ts';
import { imagesFor } from '../lab/images/system-images.ts';
import { OWN_SYSTEM, type System } from '../system/system.ts';
import { validRun } from './one-run.fixture.ts';

/** The release of the testbed's own images: the host's packages serve both. */
const RELEASE = 'bookworm';
const MARK = 'changed by a checkout';

test('a change of upstream’s agent in a checkout is what an amphora runs, and it fails over as the model says', async (t) => {
  // A cold machine builds the image of Debian's Octavia first.
  t.timeout(15 * 60_000);
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-upstream-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const git = (...args: string[]) =>
    execa('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args]);
  const debian: System = { octavia: { kind: 'debian' }, release: RELEASE, builds: {}, texts: {} };
  const engine = await findEngine();
  await copyOctavia(engine, (await imagesFor(engine, debian, () => {})).amphora, folder);
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--message=as packaged');
  const unit = join(folder, 'octavia/amphorae/backends/agent/api_server/templates/keepalived.systemd.j2');
  const packaged = await readFile(unit, 'utf8');
  await writeFile(unit, packaged.replace(/^Description=.*/m, `Description=${MARK}`));

  const checkout: System = { ...debian, octavia: { kind: 'checkout', path: folder } };
  const { amphora } = await imagesFor(engine, checkout, () => {});
  t.is((await imagesFor(engine, { ...OWN_SYSTEM, image: amphora }, () => {})).system.agent, 'octavia');

  await using done = await validRun(t, masterKill, checkout);
  t.is(done.run.status, 'passed', done.run.reason);
  const journal = await readFile(join(done.folder, 'amphora-1.journal.log'), 'utf8');
  t.true(journal.includes(MARK), 'systemd names the changed unit');
});

/** The tree of Debian's package, as a checkout would have it. */
async function copyOctavia({ docker }: Engine, image: string, folder: string): Promise<void> {
  const container = await docker.createContainer({ Image: image });
  try {
    const input = Readable.from(
      await container.getArchive({ path: '/usr/lib/python3/dist-packages/octavia' }),
    );
    await execa('tar', ['--extract', '--directory', folder], { input });
  } finally {
    await container.remove();
  }
}
