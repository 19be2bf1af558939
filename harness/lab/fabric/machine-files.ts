import { lstatSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { contentsOf } from '../engine/contents.ts';

/** As many as Linux follows in one path (path_resolution(7)). */
const LINKS_MAX = 40;

/** Where the files of a process are; 1 of a machine, as a rule. */
export function rootOf(pid: number): string {
  return `/proc/${pid}/root`;
}

/**
 * By which path a machine's file is reached from outside. The kernel would take an absolute link there for one of the
 * caller's own files: links are followed here.
 *
 * @param root the folder that is `/` to the machine
 */
export function pathIn(root: string, path: string): string {
  const left = path.split('/');
  const reached: string[] = [];
  for (let links = 0, name = left.shift(); name !== undefined; name = left.shift()) {
    if (name === '..') reached.pop();
    if (['', '.', '..'].includes(name)) continue;
    const at = [root, ...reached, name].join('/');
    if (!isLink(at)) {
      reached.push(name);
      continue;
    }
    if (++links > LINKS_MAX) throw new Error(`${path} has more than ${LINKS_MAX} symbolic links.`);
    const target = readlinkSync(at);
    if (target.startsWith('/')) reached.length = 0;
    left.unshift(...target.split('/'));
  }
  return [root, ...reached].join('/');
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    // It is looked for below a file, not a folder.
    return false;
  }
}

/**
 * The text of all files of a machine that a pattern matches, in the order of their names; empty where it matches none.
 *
 * @param pattern a path, where `*` is any part of a name
 * @throws when the machine has gone
 */
export function readIn(root: string, pattern: string): string {
  return matching(root, pattern)
    .map((path) => contentsOf(pathIn(root, path)) ?? '')
    .join('');
}

/** Removes all files of a machine that a pattern matches; see {@link readIn}. */
export function removeIn(root: string, pattern: string): void {
  for (const path of matching(root, pattern)) {
    const { dir, base } = posix.parse(path);
    rmSync(posix.join(pathIn(root, dir), base), { force: true });
  }
}

function matching(root: string, pattern: string): readonly string[] {
  statSync(`${root}/`);
  return expanded(root, pattern);
}

function expanded(root: string, pattern: string): readonly string[] {
  const [, before = '', name = '', after = ''] = /^([^*]*)\/([^/]*\*[^/]*)(.*)$/s.exec(pattern) ?? [];
  if (name === '') return [pattern];
  const wanted = new RegExp(`^(?!\\.)${name.split('*').map(RegExp.escape).join('.*')}$`, 's');
  return namesIn(pathIn(root, before))
    .filter((each) => wanted.test(each))
    .flatMap((each) => expanded(root, `${before}/${each}${after}`));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    // There is no such folder.
    return [];
  }
}
