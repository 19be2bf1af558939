import { relative } from 'node:path';
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

/** The file that called a function: absolute. */
export function callerOf(called: (...given: never[]) => unknown): string | undefined {
  const here: { stack?: string } = {};
  Error.captureStackTrace(here, called);
  const [, file] = /(?:file:\/\/)?(\/[^\s()]+?):\d+:\d+\)?$/m.exec(here.stack ?? '') ?? [];
  return file && decodeURI(file);
}
