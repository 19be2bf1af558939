import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/**
 * Moves the files of a folder into another of the same file system, and removes what that has besides. Another process may
 * be reading that: at every moment, each file that both have is there and whole.
 */
export async function replaceFiles(folder: string, made: string): Promise<void> {
  const paths = new Set(await filesBelow(made));
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await rename(join(made, path), join(folder, path));
  }
  for (const path of await filesBelow(folder))
    if (!paths.has(path)) await rm(join(folder, path), { force: true });
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
}
