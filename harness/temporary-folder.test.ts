import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir } from 'node:fs/promises';
import test from 'ava';
import { removeLeftFolders, temporaryFolder } from './temporary-folder.ts';

test('the folder of a process that was killed is removed, that of one that lives stays until it is disposed of', async (t) => {
  const own = await temporaryFolder('test');
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  const left = own.path.replace(`-${process.pid}-`, `-${child.pid}-`);
  await mkdir(left);
  t.true((await removeLeftFolders()) >= 1);
  await t.throwsAsync(access(left), { code: 'ENOENT' });
  await t.notThrowsAsync(access(own.path));
  await own[Symbol.asyncDispose]();
  await t.throwsAsync(access(own.path), { code: 'ENOENT' });
});
