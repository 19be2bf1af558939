import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../images/project.ts';
import type { Engine } from './engine.ts';
import { SESSION } from './labels.ts';

let started = false;

/**
 * From now on, a process of its own removes what this one made, once it is gone, however it went. The fabric
 * kills the amphorae that it knows; a container that was being created at that moment only this one finds.
 */
export function startReaper(engine: Engine): void {
  if (started) return;
  started = true;
  const child = spawn(
    process.execPath,
    [join(PROJECT_ROOT, 'harness/engine/reaper-main.ts'), engine.host, SESSION],
    {
      // Apart from our process group, so that whatever kills that spares it.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    },
  );
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  // The pipe is held open by being referred to; it must not keep this process alive.
  (child.stdin as unknown as { unref(): void }).unref();
}
