import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, rm } from 'node:fs/promises';
import test from 'ava';
import { makeWorkerFolder, removeLeft } from './worker-folder.ts';

test('the folder of a worker that was killed is removed, that of one that lives stays', async (t) => {
  const own = await makeWorkerFolder();
  t.teardown(() => rm(own, { recursive: true }));
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  const left = own.replace(`-${process.pid}-`, `-${child.pid}-`);
  await mkdir(left);
  t.true((await removeLeft()) >= 1);
  await t.throwsAsync(access(left), { code: 'ENOENT' });
  await t.notThrowsAsync(access(own));
});
