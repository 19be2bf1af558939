import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { putInPlace, removeUnused } from './kept.ts';

async function folder(t: ExecutionContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'amphora-testbed-kept-'));
  t.teardown(() => rm(made, { recursive: true }));
  return made;
}

async function holding(root: string, name: string, file: string): Promise<string> {
  const made = join(root, name);
  await mkdir(made);
  await writeFile(join(made, file), '');
  return made;
}

test('of two commands that make the same, the first gives it its name', async (t) => {
  const root = await folder(t);
  const [one, other] = [await holding(root, 'made-1', 'first'), await holding(root, 'made-2', 'second')];
  await putInPlace(one, join(root, 'kept'));
  await putInPlace(other, join(root, 'kept'));
  t.deepEqual(await readdir(join(root, 'kept')), ['first']);
  await t.throwsAsync(putInPlace(join(root, 'absent'), join(root, 'new')), { code: 'ENOENT' });
});

test('what nobody has made anew for a month goes', async (t) => {
  const root = await folder(t);
  const old = new Date(Date.now() - 40 * 24 * 3_600_000);
  for (const name of ['used', 'unused', 'recent']) await holding(root, name, 'file');
  for (const name of ['used', 'unused']) await utimes(join(root, name), old, old);
  await removeUnused(root, join(root, 'used'));
  t.deepEqual((await readdir(root)).sort(), ['recent', 'used']);
});
