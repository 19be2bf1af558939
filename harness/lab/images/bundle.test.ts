import { appendFile, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
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

test('what plugs interfaces again at each boot loads nothing that only the API needs', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'agent-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const agent = join(folder, 'agent.cjs');
  await writeFile(agent, await bundle('src/agent/main'));
  const says = "process.on('exit', () => console.log(process.moduleLoadList.includes('NativeModule https')))";
  await writeFile(join(folder, 'says.cjs'), says);
  const loadsHttps = async (task: string) =>
    (await execa(process.execPath, ['--require', join(folder, 'says.cjs'), agent, task])).stdout;
  t.is(await loadsHttps('compile'), 'true');
  t.is(await loadsHttps('restore-interfaces'), 'false');
});
