import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import type { StallObservation } from '../../observations/observation.ts';
import { eachJson } from '../../streams/lines.ts';
import { stoppedFor } from './stalls.ts';

const HELD_MS = 200;
const LIMIT_MS = 20_000;

test('who waited or worked was not stopped', (t) => {
  t.is(stoppedFor(600, 598_000_000n), 2);
  t.is(stoppedFor(600, 1_000_000n), 599);
  t.is(stoppedFor(3, 10_000_000n), 0);
});

test('a process that stands still by no fault of the scheduler says that the machine did', async (t) => {
  t.timeout(LIMIT_MS);
  const program = `
    import { RealtimeClock } from '${join(import.meta.dirname, 'clock.ts')}';
    import { watchStalls } from '${join(import.meta.dirname, 'stalls.ts')}';
    watchStalls({ processes: {} }, new RealtimeClock(), process.stdout);
    process.stdin.on('data', () => process.stdout.write('\\n')).resume();`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin.write('ready?\n');
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const { promise, resolve } = Promise.withResolvers<StallObservation>();
  // A busy machine makes it late as well: that is another stall.
  void eachJson<StallObservation>(child.stdout, (told) => told.node === 'machine' && resolve(told));
  child.kill('SIGSTOP');
  await delay(HELD_MS);
  child.kill('SIGCONT');
  const { kind, atNs, untilNs } = await promise;
  t.is(kind, 'stall');
  const lengthMs = Number(BigInt(untilNs) - BigInt(atNs)) / 1e6;
  t.true(lengthMs > HELD_MS / 2, `${lengthMs}`);
});
