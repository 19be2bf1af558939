import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { planBuild } from './build-layers.ts';
import { topOf } from './stack.ts';

async function folderOf(t: ExecutionContext, files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-layers-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const source = (path: string, release = 'bookworm') =>
  planBuild({ program: 'keepalived', kind: 'source', path }, release);
const imageOf = async (...given: Parameters<typeof source>) => {
  const { compiled } = await source(...given);
  return compiled && topOf(compiled);
};

test('equal sources are compiled once, wherever they lie; another byte or release is another build', async (t) => {
  const files = { 'configure.ac': 'AC_INIT([Keepalived])', 'a.c': 'int a;' };
  const image = await imageOf(await folderOf(t, files));
  t.is(await imageOf(await folderOf(t, files)), image);
  t.not(await imageOf(await folderOf(t, { ...files, 'a.c': 'int b;' })), image);
  t.not(await imageOf(await folderOf(t, files), 'trixie'), image);
});

test('of a checkout the working tree counts, and what git ignores does not', async (t) => {
  const folder = await folderOf(t, { 'a.c': 'int a;', '.gitignore': '*.o\n' });
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      stdio: 'ignore',
    });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'a');
  const before = await source(folder);
  await writeFile(join(folder, 'a.o'), 'built');
  t.is((await source(folder)).part, before.part);
  t.regex(before.part, /^built from amphora-testbed-layers-\w+ at [0-9a-f]{7,} \([0-9a-f]{12}\)$/);
  await writeFile(join(folder, 'a.c'), 'int b;');
  const after = await source(folder);
  t.regex(after.part, /with uncommitted changes/);
  t.not(after.compiled && topOf(after.compiled), before.compiled && topOf(before.compiled));
});

test('a package is installed, a binary is copied; the report names it with its contents', async (t) => {
  const folder = await folderOf(t, { 'k.deb': '!<arch>', k: 'ELF' });
  const plan = (kind: 'package' | 'binary', name: string) =>
    planBuild({ program: 'haproxy', kind, path: join(folder, name) }, 'bookworm');
  const [deb, binary] = [await plan('package', 'k.deb'), await plan('binary', 'k')];
  t.regex(deb.part, /^package k\.deb \([0-9a-f]{12}\)$/);
  t.regex(binary.part, /^binary k \([0-9a-f]{12}\)$/);
  t.deepEqual(
    binary.layer.files.map(({ path, mode }) => [path, mode]),
    [
      ['sbin/haproxy', 0o755],
      ['build/install.sh', 0o644],
    ],
  );
  t.true(binary.layer.dockerfile.includes('COPY sbin/ /usr/sbin/'));
  t.false(deb.layer.dockerfile.join().includes('sbin'));
});
