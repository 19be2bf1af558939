import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { execa } from 'execa';
import type { ImageFile } from './recipe.ts';

/** A program's source as it goes into an image. */
export interface SourceTree {
  readonly files: readonly ImageFile[];
  /** What people call it: the folder, and the commit of a git checkout. */
  readonly described: string;
}

/** Reads a folder as it is: of a git checkout the working tree without what git ignores, else all files. */
export async function readSourceTree(folder: string): Promise<SourceTree> {
  const name = basename(folder);
  if (!existsSync(join(folder, '.git'))) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    return { files: await filesAt(folder, paths), described: name };
  }
  const [paths, { stdout: commit }] = await Promise.all([
    workingTree(folder),
    execa('git', ['-C', folder, 'describe', '--tags', '--always', '--dirty= with uncommitted changes']),
  ]);
  return { files: await filesAt(folder, paths), described: `${name} at ${commit}` };
}

/**
 * The files of a git checkout as they are on disk, changed and new ones too, without what git ignores.
 *
 * @param pathspec which of them (gitglossary(7)); all by default
 */
export async function workingTree(
  folder: string,
  pathspec: readonly string[] = [],
): Promise<readonly string[]> {
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const { stdout } = await execa('git', ['-C', folder, ...listing, '--', ...pathspec]);
  return stdout.split('\0').filter((path) => path !== '' && existsSync(join(folder, path)));
}

function filesAt(folder: string, paths: readonly string[]): Promise<ImageFile[]> {
  return Promise.all(
    paths.map(async (path) => {
      const source = join(folder, path);
      const known = await lstat(source);
      if (known.isSymbolicLink()) return { path, mode: 0o777, content: { linkTo: await readlink(source) } };
      return { path, mode: (known.mode & 0o100) === 0 ? 0o644 : 0o755, content: await readFile(source) };
    }),
  );
}
