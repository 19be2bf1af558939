import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { codeFile } from '../../project.ts';
import type { Engine } from './engine.ts';
import { SESSION } from './labels.ts';

/** What the reaper learns about labs; other lines are folders. */
export const REAPER_LINES = { begun: '+', gone: '-' } as const;

let reaper: ChildProcessByStdio<Writable, null, null> | undefined;

/**
 * Starts a process that removes what this process made, once this one has ended in any way. The fabric kills the
 * amphorae that it knows; only the reaper finds a container that was being created at that moment.
 *
 * @returns to be disposed of when the lab has gone: where all have, there is nothing to look for
 */
export function startReaper(engine: Engine): Disposable {
  reaper ??= spawned(engine);
  const { stdin } = reaper;
  stdin.write(`${REAPER_LINES.begun}\n`);
  return { [Symbol.dispose]: () => void stdin.write(`${REAPER_LINES.gone}\n`) };
}

function spawned(engine: Engine): NonNullable<typeof reaper> {
  const child = spawn(process.execPath, [codeFile('harness/lab/engine/reaper-main'), engine.host, SESSION], {
    // In another process group, so that a signal to this one spares it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  // The pipe is held open by being referred to; it must not keep this process alive.
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

/** This folder, which may hold keys, is removed too once this process has ended. */
export function reapFolder(folder: string): void {
  reaper?.stdin.write(`${folder}\n`);
}
