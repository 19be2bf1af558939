import { appendFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../../project.ts';
import { bundle, keptFile } from './bundle.ts';

test('a bundle is kept until one of its sources has changed', async (t) => {
  // No image has this program, and so nobody reads what is altered here.
  const program = 'harness/lab/fabric/request-load-main';
  const made = await bundle(program);
  t.deepEqual(await bundle(program), made);
  const mark = '// kept';
  await appendFile(keptFile(program), mark);
  t.is((await bundle(program)).toString(), `${made}${mark}`);
  const now = new Date();
  await utimes(join(PROJECT_ROOT, `${program}.ts`), now, now);
  t.deepEqual(await bundle(program), made);
});
