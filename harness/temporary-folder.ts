/** Folders for what is needed only while a process lives. */
import { type DisposableTempDir, mkdtempDisposable, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Begins the names of this machine's folders; the id of their process follows, and what they are for. */
const OURS = `amphora-testbed-${hostname()}-`;

/**
 * Makes an empty folder below the system's folder for temporary files; it goes when it is disposed of. What a process leaves
 * that is killed is known by its name, see {@link removeLeftFolders}.
 *
 * @param purpose a word that people understand who find it, e.g. `worker`
 */
export function temporaryFolder(purpose: string): Promise<DisposableTempDir> {
  return mkdtempDisposable(join(tmpdir(), `${OURS}${process.pid}-${purpose}-`));
}

/**
 * Removes the folders of processes that were killed; those of another user stay.
 *
 * @returns how many were removed
 */
export async function removeLeftFolders(): Promise<number> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(OURS));
  const left = names.filter((name) => !isAlive(Number.parseInt(name.slice(OURS.length), 10)));
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
