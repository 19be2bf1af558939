import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { PROJECT_ROOT } from '../project.ts';

/** What something was made of: by path from the root, the size and the time of the last change. */
export type Sources = Readonly<Record<string, string>>;

/** @throws where one is missing */
export function sourcesOf(paths: readonly string[]): Sources {
  return Object.fromEntries(paths.map((path) => [path, stateOf(path)]));
}

/** Whether each of them is as it was. */
export function areUnchanged(sources: Sources): boolean {
  try {
    return Object.entries(sources).every(([path, state]) => stateOf(path) === state);
  } catch {
    return false;
  }
}

function stateOf(path: string): string {
  const { size, mtimeMs } = statSync(resolve(PROJECT_ROOT, path));
  return `${size} ${mtimeMs}`;
}
