import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders of this machine's workers; their process id follows. */
const FOLDER = `amphora-testbed-worker-${hostname()}-`;

/** Makes the folder in which this process keeps the files of a run until it has sent them. */
export function makeWorkerFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), `${FOLDER}${process.pid}-`));
}

/**
 * Removes the folders of workers that were killed; those of another user stay.
 *
 * @returns how many were removed
 */
export async function removeLeft(): Promise<number> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(FOLDER));
  const left = names.filter((name) => !isAlive(Number.parseInt(name.slice(FOLDER.length), 10)));
  const removed = await Promise.allSettled(left.map((name) => rm(join(tmpdir(), name), { recursive: true })));
  return removed.filter(({ status }) => status === 'fulfilled').length;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
