import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { codeFile } from '../../project.ts';
import type { Engine } from './engine.ts';
import { SESSION } from './labels.ts';

let reaper: ChildProcessByStdio<Writable, null, null> | undefined;

/**
 * Starts a process that removes what this process made, once this one has ended in any way. The fabric kills the
 * amphorae that it knows; only the reaper finds a container that was being created at that moment.
 */
export function startReaper(engine: Engine): void {
  if (reaper) return;
  reaper = spawn(process.execPath, [codeFile('harness/lab/engine/reaper-main'), engine.host, SESSION], {
    // In another process group, so that a signal to this one spares it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  reaper.on('error', () => {});
  reaper.stdin.on('error', () => {});
  reaper.unref();
  // The pipe is held open by being referred to; it must not keep this process alive.
  (reaper.stdin as unknown as { unref(): void }).unref();
}

/** This folder, which may hold keys, is removed too once this process has ended. */
export function reapFolder(folder: string): void {
  reaper?.stdin.write(`${folder}\n`);
}
