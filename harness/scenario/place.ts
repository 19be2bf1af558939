import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROJECT_ROOT, userFolder } from '../project.ts';

/** A file as people name it: seen from the project's root, or from the user's folder. */
export function namedFile(file: string): string {
  const inProject = relative(PROJECT_ROOT, file);
  return inProject.startsWith('..') ? relative(userFolder(), file) : inProject;
}

/** The line of a file that an error's stack names first, e.g. `scenarios/master-kill.ts:14`. */
export function placeIn(stack: string | undefined, file: string | undefined): string | undefined {
  if (!stack || !file) return undefined;
  const line = new RegExp(`${RegExp.escape(file)}:(\\d+)`).exec(stack)?.[1];
  return line && `${namedFile(file)}:${line}`;
}

/** The file that called the function of this file: absolute, and not this one. */
export function callerOf(here: string): string | undefined {
  const own = fileURLToPath(here);
  const frames = new Error().stack?.matchAll(/(?:file:\/\/)?(\/[^\s()]+?):\d+:\d+\)?$/gm) ?? [];
  const files = [...frames].map(([, file]) => decodeURI(file ?? ''));
  return files.slice(files.indexOf(own)).find((file) => file !== own);
}
