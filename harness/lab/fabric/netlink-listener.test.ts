import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { untilHearing } from './netlink-listener.ts';

const SOON_MS = 200;

test('a program that monitors the network is heard of once it would hear a change', async (t) => {
  // Its shell hears nothing until the line comes; both are one process.
  const monitor = spawn('sh', ['-c', 'read -r _; exec ip monitor address'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => monitor.kill('SIGKILL'));
  const hearing = untilHearing(monitor.pid ?? 0);
  t.is(await Promise.race([hearing, delay(SOON_MS, 'not yet')]), 'not yet');
  monitor.stdin.write('\n');
  t.true(await hearing);
});

test('a program that ends is waited for no longer', async (t) => {
  const program = spawn('sh', ['-c', 'read -r _'], { stdio: ['pipe', 'inherit', 'inherit'] });
  const over = untilHearing(program.pid ?? 0);
  const ended = once(program, 'exit');
  program.stdin.end();
  await ended;
  t.false(await over);
});
