import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** In the environment of a process that a test started, and of all that came of it. */
export const MARK = 'AMPHORA_TESTBED_TEST_MARK';
const LIMIT_MS = 20_000;

/** Resolves when no process bears the mark. */
export async function gone(mark: string): Promise<void> {
  const bears = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${MARK}=${mark}`);
    } catch {
      return false;
    }
  };
  const deadlineMs = performance.now() + LIMIT_MS;
  for (;;) {
    const left = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && bears(entry));
    if (left.length === 0) return;
    if (performance.now() > deadlineMs) throw new Error(`Processes are still there: ${left.join(', ')}.`);
    await delay(50);
  }
}
