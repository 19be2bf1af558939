import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { execa } from 'execa';
import { closest } from 'fastest-levenshtein';
import { extract } from 'tar-stream';
import type { Octavia } from '../../system/system.ts';
import { UsageError } from '../../usage-error.ts';
import type { ImageFile } from './recipe.ts';
import { workingTree } from './source-tree.ts';

/** A source tree of Octavia as it goes into an image. */
export interface Checkout {
  /** The package `octavia` without its tests, and the files that name its entry points. */
  readonly files: readonly ImageFile[];
  readonly commit: string;
  /** Its nearest tag and the commits since, or the commit alone. */
  readonly described: string;
  /** Whether the working tree differs from the commit. */
  readonly changed: boolean;
}

/** What is taken of a tree; git's pathspec magic leaves the tests out (gitglossary(7)). */
const TAKEN = ['octavia', 'setup.cfg', 'pyproject.toml'] as const;
const PATHSPEC = [...TAKEN.map((path) => `:(top)${path}`), ':(top,exclude)octavia/tests'];

/**
 * Reads a checkout: of a ref what was committed, without one the working tree as it is.
 *
 * @throws UsageError where git knows no such ref, or cannot read the checkout
 */
export async function readCheckout({ path, ref }: Extract<Octavia, { kind: 'checkout' }>): Promise<Checkout> {
  const git = async (...args: string[]) => (await execa('git', ['-C', path, ...args])).stdout;
  const [commit, described] = await Promise.all([
    resolved(path, ref ?? 'HEAD'),
    git('describe', '--tags', '--always', ref ?? 'HEAD').catch(() => ''),
  ]);
  if (ref !== undefined) {
    return { files: await committed(path, commit), commit, described, changed: false };
  }
  const [paths, status] = await Promise.all([
    workingTree(path, PATHSPEC),
    git('status', '--porcelain', '--', ...PATHSPEC),
  ]);
  const files = await Promise.all(
    paths.map(async (each) => ({
      path: each,
      mode: ((await stat(join(path, each))).mode & 0o100) === 0 ? 0o644 : 0o755,
      content: await readFile(join(path, each)),
    })),
  );
  return { files, commit, described, changed: status !== '' };
}

/** The commit that a ref names. */
async function resolved(path: string, ref: string): Promise<string> {
  const asked = await execa('git', ['-C', path, 'rev-parse', '--verify', '--short=12', `${ref}^{commit}`], {
    reject: false,
  });
  if (!asked.failed) return asked.stdout;
  const names = await execa('git', ['-C', path, 'for-each-ref', '--format=%(refname:short)'], {
    reject: false,
  });
  if (names.failed) {
    throw new UsageError(`--with octavia: git cannot read ${path}: ${names.stderr.split('\n')[0]}.`);
  }
  const nearest = closest(ref, names.stdout.split('\n'));
  throw new UsageError(
    `--with octavia: the checkout ${path} has no commit, branch or tag "${ref}"${nearest ? `; the nearest is ${nearest}` : ''}.`,
  );
}

async function committed(path: string, commit: string): Promise<readonly ImageFile[]> {
  const archive = execa('git', ['-C', path, 'archive', '--format=tar', commit], {
    encoding: 'buffer',
    buffer: { stdout: false },
  });
  const entries = archive.stdout.pipe(extract());
  const files: ImageFile[] = [];
  for await (const entry of entries) {
    const { name, type, mode = 0 } = entry.header;
    const taken = TAKEN.some((each) => name === each || name.startsWith(`${each}/`));
    if (type === 'file' && taken && !name.startsWith('octavia/tests/')) {
      files.push({ path: name, mode: (mode & 0o100) === 0 ? 0o644 : 0o755, content: await buffer(entry) });
    } else {
      entry.resume();
    }
  }
  await archive;
  return files;
}
