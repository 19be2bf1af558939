import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { replaceFile } from './files.ts';

test('a file is replaced whole, with its mode, and nothing stays beside it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'replace-file-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'secret');
  await replaceFile(path, 'old', 0o644);
  await Promise.all(['a', 'b', 'c'].map((text) => replaceFile(path, text.repeat(100_000), 0o600)));
  t.regex(await readFile(path, 'utf8'), /^(a{100000}|b{100000}|c{100000})$/);
  t.is((await stat(path)).mode & 0o777, 0o600);
  t.deepEqual(await readdir(folder), ['secret']);
});

test('a file that cannot be replaced leaves nothing behind', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'replace-file-'));
  t.teardown(() => rm(folder, { recursive: true }));
  // A folder cannot be replaced by a file.
  await t.throwsAsync(replaceFile(folder, 'x'));
  t.deepEqual(await readdir(folder), []);
});
