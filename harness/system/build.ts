import { existsSync } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../usage-error.ts';
import { PROGRAMS, type Program } from './system.ts';

/** How a program is given. */
export type BuildKind = 'package' | 'binary' | 'source';

/** A program that the user built, or has the testbed build. */
export interface Build {
  readonly program: Program;
  readonly kind: BuildKind;
  /** Absolute: a file, or the folder of a source tree. */
  readonly path: string;
}

/** A Debian package is an ar archive (deb(5)); an executable begins as elf(5) says. */
const MAGIC: readonly (readonly [Buffer, BuildKind])[] = [
  [Buffer.from('!<arch>\ndebian-binary'), 'package'],
  [Buffer.from('\x7fELF', 'latin1'), 'binary'],
];

/** What tells the source tree of a program: a file, and what stands in it. */
const SOURCES: Readonly<Record<Program, { readonly file: string; readonly holds: RegExp }>> = {
  keepalived: { file: 'configure.ac', holds: /^AC_INIT\(\[?keepalived\b/im },
  haproxy: { file: 'Makefile', holds: /^all:.*\bhaproxy\b|^haproxy:/m },
};

/**
 * Finds out by its content how a program is given.
 *
 * @throws UsageError where it is none of the three
 */
export async function readBuild(program: Program, path: string): Promise<Build> {
  const kind = (await stat(path)).isDirectory() ? await sourceOf(program, path) : await fileKind(path);
  if (kind) return { program, kind, path };
  throw new UsageError(
    `--with ${program} takes a Debian package, a binary, or a source tree of ${program}; "${path}" is none of them.`,
  );
}

async function fileKind(path: string): Promise<BuildKind | undefined> {
  await using file = await open(path);
  const { buffer } = await file.read({ length: 32, position: 0 });
  return MAGIC.find(([magic]) => buffer.subarray(0, magic.length).equals(magic))?.[1];
}

async function sourceOf(program: Program, folder: string): Promise<'source' | undefined> {
  for (const each of PROGRAMS) {
    const { file, holds } = SOURCES[each];
    if (!existsSync(join(folder, file)) || !holds.test(await readFile(join(folder, file), 'utf8'))) continue;
    if (each === program) return 'source';
    throw new UsageError(
      `--with ${program} takes a source tree of ${program}; "${folder}" is one of ${each}: give it as ${each}=${folder}.`,
    );
  }
  return undefined;
}
