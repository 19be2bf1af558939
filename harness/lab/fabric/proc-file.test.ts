import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { ProcFile } from './proc-file.ts';

test('a process that has ended costs no more looks', async (t) => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  using file = new ProcFile(`/proc/${child.pid}/wchan`);
  const looksMs = () => {
    const startedMs = performance.now();
    for (let look = 0; look < 10_000; look++) file.read();
    return performance.now() - startedMs;
  };
  t.is(typeof file.read(), 'string');
  const runningMs = looksMs();
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.is(file.read(), undefined);
  const endedMs = looksMs();
  t.true(endedMs < runningMs / 3, `${endedMs} ms, and ${runningMs} ms while it ran`);
});
