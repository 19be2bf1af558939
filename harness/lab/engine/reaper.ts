import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { PROJECT_ROOT } from '../../project.ts';
import type { Engine } from './engine.ts';
import { SESSION } from './labels.ts';

let reaper: ChildProcessByStdio<Writable, null, null> | undefined;

/**
 * From now on, a process of its own removes what this one made, once it is gone, however it went. The fabric
 * kills the amphorae that it knows; a container that was being created at that moment only this one finds.
 */
export function startReaper(engine: Engine): void {
  if (reaper) return;
  reaper = spawn(
    process.execPath,
    [join(PROJECT_ROOT, 'harness/lab/engine/reaper-main.ts'), engine.host, SESSION],
    {
      // Apart from our process group, so that whatever kills that spares it.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    },
  );
  reaper.on('error', () => {});
  reaper.stdin.on('error', () => {});
  reaper.unref();
  // The pipe is held open by being referred to; it must not keep this process alive.
  (reaper.stdin as unknown as { unref(): void }).unref();
}

/** This folder, which may hold keys, goes as well once this process is gone. */
export function reapFolder(folder: string): void {
  reaper?.stdin.write(`${folder}\n`);
}
