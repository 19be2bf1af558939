import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { writeWhole } from './write-whole.ts';

const MODULE = new URL('write-whole.ts', import.meta.url).href;

test('a file that there is no room for is as it was before, and nothing lies beside it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-whole-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'result.json');
  await writeWhole(path, 'before');
  // A file's size limit cuts a write short as a full disk does (setrlimit(2), RLIMIT_FSIZE).
  const program = `import { writeWhole } from '${MODULE}'; await writeWhole(process.argv[1], 'x'.repeat(1e6));`;
  const { exitCode, stderr } = await execa(
    'sh',
    ['-c', 'ulimit -f 64 && exec "$0" "$@"', process.execPath, '--input-type=module', '-e', program, path],
    { reject: false },
  );
  t.is(exitCode, 1);
  t.regex(stderr, /EFBIG/);
  t.is(await readFile(path, 'utf8'), 'before');
  t.deepEqual(await readdir(folder), ['result.json']);
});

test('what is written is there, in place of what was', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-whole-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'result.json');
  await writeWhole(path, 'before');
  await writeWhole(path, 'after');
  t.is(await readFile(path, 'utf8'), 'after');
  t.deepEqual(await readdir(folder), ['result.json']);
});
