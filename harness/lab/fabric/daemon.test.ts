import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http2 from 'node:http2';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { PATHS, type StepResult } from './protocol.ts';

/** Has a daemon start a program that goes to the background, and cuts its connection; the program's process. */
async function leftBy(argv: readonly string[]): Promise<number> {
  const daemon = spawn(process.execPath, [join(import.meta.dirname, 'daemon.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const streams = Duplex.from({ readable: daemon.stdout, writable: daemon.stdin });
  streams.on('error', () => {});
  const session = http2.connect('http://fabric', { createConnection: () => streams });
  session.on('error', () => {});
  const request = session.request({ ':method': 'POST', ':path': PATHS.run });
  request.end(JSON.stringify({ steps: [{ argv }] }));
  const [result] = (await json(request)) as StepResult[];
  daemon.stdin.end();
  await once(daemon, 'exit');
  return Number(result?.stdout);
}

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('what the fabric put into the background ends with it, in whatever session and folder it is', async (t) => {
  const pid = await leftBy(['sh', '-c', "cd /; setsid sh -c 'echo $$; exec sleep 600 >/dev/null 2>&1' &"]);
  t.true(pid > 1);
  t.teardown(() => alive(pid) && process.kill(pid, 'SIGKILL'));
  for (let left = 100; alive(pid) && left > 0; left--) await delay(20);
  t.false(alive(pid));
});
