import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { replaceFiles } from './replace.ts';

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

test('several fill a folder at once: who reads it finds each file, and none of an earlier time stays', async (t) => {
  const scratch = await mkdtemp(join(tmpdir(), 'amphora-testbed-replace-'));
  t.teardown(() => rm(scratch, { recursive: true }));
  const files = { 'a.js': 'new', 'b/c/.shared/d.js': 'new' };
  const folder = await write(join(scratch, 'dist'), { ...files, 'old/e.js': 'old' });
  const made = ['1', '2', '3'].map((name) => write(join(scratch, name), files));
  let isReading = true;
  const reading = (async () => {
    while (isReading)
      for (const path of Object.keys(files)) t.is(await readFile(join(folder, path), 'utf8'), 'new');
  })();
  await Promise.all((await Promise.all(made)).map((each) => replaceFiles(folder, each)));
  isReading = false;
  await reading;
  const left = await readdir(scratch, { recursive: true, withFileTypes: true });
  t.deepEqual(
    left
      .filter((each) => each.isFile())
      .map(({ name }) => name)
      .sort(),
    ['a.js', 'd.js'],
  );
});
