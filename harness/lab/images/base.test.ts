import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import test from 'ava';
import Docker from 'dockerode';
import type { Engine } from '../engine/engine.ts';
import { buildBase } from './base.ts';

const RECIPE = { release: 'bookworm', packages: [], unpacked: [], files: [], reference: 'base:1' };

/** Has a script stand for mmdebstrap: its first argument is the file that the root goes to. */
async function withBootstrap(script: string, work: () => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-mirror-'));
  const path = process.env.PATH;
  try {
    const program = join(folder, 'mmdebstrap');
    await writeFile(
      program,
      `#!/bin/sh\nfor last; do case $last in *.tar) root=$last;; esac; done\n${script}\n`,
    );
    await chmod(program, 0o755);
    process.env.PATH = `${folder}${delimiter}${path}`;
    await work();
  } finally {
    process.env.PATH = path;
    await rm(folder, { recursive: true });
  }
}

/** An engine of which only these parts are called. */
function engineWith(kind: Engine['kind'], parts: Readonly<Record<string, unknown>>): Engine {
  const docker = Object.assign(new Docker({ socketPath: '/nonexistent' }), parts);
  return { kind, docker } as unknown as Engine;
}

test.serial('a mirror that gives a little again and again may take many times the limit', async (t) => {
  let imported = '';
  const engine = engineWith('private', {
    async importImage(archive: Readable) {
      imported = await text(archive);
      const answer = new PassThrough();
      answer.end(`${JSON.stringify({ status: 'sha256:1' })}\n`);
      return answer;
    },
    getImage: () => ({ tag: async () => {} }),
  });
  const slowly = 'n=0; while [ $n -lt 20 ]; do printf 12345678 >>"$root"; sleep 0.2; n=$((n + 1)); done';
  await withBootstrap(slowly, async () => {
    t.regex(await buildBase(engine, RECIPE, {}, () => {}, 2000), /without a registry$/);
  });
  t.is(imported, '12345678'.repeat(20));
});

test.serial('a mirror that gives nothing more ends the set-up with a sentence', async (t) => {
  await withBootstrap('printf 12345678 >"$root"; exec sleep 60', async () => {
    await t.throwsAsync(
      buildBase(engineWith('private', {}), RECIPE, {}, () => {}, 1000),
      {
        message:
          'the base image of Debian bookworm could not be made with mmdebstrap: mmdebstrap bookworm made no progress for 1 s',
      },
    );
  });
});

test('so does a registry that gives nothing more', async (t) => {
  const engine = engineWith('system', { pull: async () => new PassThrough() });
  await t.throwsAsync(
    buildBase(engine, RECIPE, {}, () => {}, 1000),
    {
      message: 'the download of debian:bookworm-slim made no progress for 1 s: run `npm run setup` again',
    },
  );
});
