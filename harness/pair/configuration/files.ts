import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A file or symbolic link of a node, as it is on disk. */
export interface NodeFile {
  /** From the root, without a slash before it. */
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer | { readonly linkTo: string };
}

/** Folders that are links into /usr on a Debian machine. */
export const USR_LINKS = new Set(['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']);

/** All files below a folder, with their modes; sockets and the like are left out. */
export async function filesBelow(folder: string): Promise<readonly NodeFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries.map(async (entry): Promise<readonly NodeFile[]> => {
      const source = join(entry.parentPath, entry.name);
      const written = relative(folder, source).replaceAll('\\', '/');
      const path = USR_LINKS.has(written.split('/')[0] ?? '') ? `usr/${written}` : written;
      if (entry.isSymbolicLink()) return [{ path, mode: 0o777, content: { linkTo: await readlink(source) } }];
      if (!entry.isFile()) return [];
      const { mode } = await lstat(source);
      return [{ path, mode: mode & 0o7777, content: await readFile(source) }];
    }),
  );
  return files.flat().sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The folder of a pair as a figure: another one where any of its files has changed. */
export async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const { path, mode, content } of await filesBelow(folder)) {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(`-> ${content.linkTo}`);
    // Lengths precede values, so that different files never give the same bytes.
    hash.update(`${path.length}:${path}:${(mode & 0o111) === 0 ? '-' : 'x'}:${bytes.length}:`).update(bytes);
  }
  return hash.digest('hex').slice(0, 12);
}
