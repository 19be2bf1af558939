import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import { extract } from 'tar-stream';
import masterKill from '../../scenarios/master-kill.ts';
import { OWN_KEEPALIVED } from '../analysis/model/keepalived-version.ts';
import { findEngine } from '../lab/engine/engine.ts';
import { requireImages } from '../lab/images/images.ts';
import { OWN_SYSTEM } from '../system/system.ts';
import { validRun } from './one-run.fixture.ts';
import { readStoredRun } from './run-folder.ts';

/** keepalived as the testbed's image has it. */
async function keepalivedBinary(): Promise<Buffer> {
  const engine = await findEngine();
  const { amphora } = await requireImages(engine);
  const container = await engine.docker.createContainer({ Image: amphora, NetworkDisabled: true });
  try {
    const entries = extract();
    (await container.getArchive({ path: '/usr/sbin/keepalived' })).pipe(entries);
    for await (const entry of entries) return await buffer(entry);
    throw new Error('The image has no /usr/sbin/keepalived.');
  } finally {
    await container.remove({ force: true });
  }
}

test('a binary is laid over the image: a run passes with it, and its version is read from what runs', async (t) => {
  t.timeout(180_000);
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-own-build-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'keepalived-of-mine');
  const [own, mine] = [`${OWN_KEEPALIVED} (`, '2.2.9 ('];
  const binary = (await keepalivedBinary()).toString('latin1');
  t.true(binary.includes(own), 'the image has another keepalived than the models say');
  await writeFile(path, binary.replaceAll(own, mine), 'latin1');

  await using seen = await validRun(t, masterKill, { ...OWN_SYSTEM, builds: { keepalived: path } });
  const { facts } = await readStoredRun(seen.folder);
  t.is(seen.run.status, 'passed', seen.run.reason);
  t.is(facts.versions.keepalived, '2.2.9');
});
