import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http2 from 'node:http2';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { COMPLAINT, NEVER_HEARD, PATHS, type StepResult } from './protocol.ts';

/** A daemon, and the connection to it. */
function started() {
  const daemon = spawn(process.execPath, [join(import.meta.dirname, 'daemon.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const streams = Duplex.from({ readable: daemon.stdout, writable: daemon.stdin });
  streams.on('error', () => {});
  const session = http2.connect('http://fabric', { createConnection: () => streams });
  session.on('error', () => {});
  const asked = (path: string, body: unknown) => {
    const request = session.request({ ':method': 'POST', ':path': path });
    request.end(JSON.stringify(body));
    return request;
  };
  const end = async () => {
    daemon.stdin.end();
    await once(daemon, 'exit');
  };
  return { asked, end };
}

/** Has a daemon start a program that goes to the background, and cuts its connection; the program's process. */
async function leftBy(argv: readonly string[]): Promise<number> {
  const { asked, end } = started();
  const [result] = (await json(asked(PATHS.run, { steps: [{ argv }] }))) as StepResult[];
  await end();
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

test('a monitor that ends before it hears anything never begins, and its trailers hold the complaint', async (t) => {
  const { asked, end } = started();
  const monitor = asked(PATHS.stream, { argv: ['sh', '-c', 'echo no such place >&2'], hears: true });
  const [[head], [trailers]] = await Promise.all([once(monitor, 'response'), once(monitor, 'trailers')]);
  t.is(head[':status'], NEVER_HEARD);
  t.is(decodeURIComponent(trailers[COMPLAINT]), 'no such place\n');
  monitor.resume();
  await end();
});

test('a monitor begins when it hears of changes', async (t) => {
  const { asked, end } = started();
  const monitor = asked(PATHS.stream, { argv: ['ip', 'monitor', 'address'], hears: true });
  const [head] = await once(monitor, 'response');
  t.is(head[':status'], 200);
  monitor.destroy();
  await end();
});
