import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { execa } from 'execa';
import { findEngine } from '../lab/engine/engine.ts';
import { imagesFor } from '../lab/images/system-images.ts';
import type { System } from '../system/system.ts';

/** Upstream's agent as the release of the testbed's own images packages it: the host's packages serve both. */
export const DEBIAN: System = {
  ...{ octavia: { kind: 'debian' }, release: 'bookworm' },
  ...{ builds: {}, texts: {} },
};

/** A git checkout of the tree of Debian's package, until the test ends; its first commit is what Debian has. */
export async function upstreamCheckout(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-upstream-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const git = async (...args: string[]) =>
    void (await execa('git', [
      ...['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args],
    ]));
  await copyOctavia(folder);
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--message=as packaged');
  return { folder, git };
}

async function copyOctavia(folder: string): Promise<void> {
  const engine = await findEngine();
  // A cold machine builds the image first.
  const { amphora } = await imagesFor(engine, DEBIAN, () => {});
  const container = await engine.docker.createContainer({ Image: amphora });
  try {
    const input = Readable.from(
      await container.getArchive({ path: '/usr/lib/python3/dist-packages/octavia' }),
    );
    await execa('tar', ['--extract', '--directory', folder], { input });
  } finally {
    await container.remove();
  }
}
