import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '../lab/engine/folder.ts';
import { PACKED, PROJECT_ROOT, userFolder } from '../project.ts';
import { diskFullIn } from '../run/environment.ts';
import { UsageError } from '../usage-error.ts';

/** The folder of reports: by default this checkout's, otherwise relative to the user's working directory. */
export function reportsFolder(given: string): string {
  return given === 'reports' && !PACKED ? join(PROJECT_ROOT, 'reports') : fromUser(given);
}

/** A name for a report: the command's kind and the time. */
export function reportId(kind?: string): string {
  const time = new Date().toISOString().replace(/[:.]/g, '-');
  // Two may begin in the same millisecond.
  return [...(kind ? [kind] : []), time, randomInt(0x1000, 0x10000).toString(16)].join('-');
}

/** Makes a folder for a command's report, named by its id. */
export async function newReport(
  reports: string,
  kind?: string,
): Promise<{ readonly id: string; readonly folder: string }> {
  const id = reportId(kind);
  const folder = join(reportsFolder(reports), id);
  makeNamedFolder(folder, '--reports');
  return { id, folder };
}

/**
 * Makes a folder that the user named, and those above it.
 *
 * @throws UsageError that names the flag
 */
export function makeNamedFolder(path: string, flag: string): void {
  try {
    makeFolder(path);
  } catch (cause) {
    if (diskFullIn(cause)) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${flag} takes a folder that can be made; found "${path}" (${code}).`, { cause });
  }
}

/**
 * Writes a file that the user named.
 *
 * @throws UsageError that names the flag
 */
export async function writeNamedFile(path: string, flag: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    if (diskFullIn(cause)) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${flag} takes a file that can be written; found "${path}" (${code}).`, { cause });
  }
}

/** The history's file, by default beside the reports. */
export function historyFile(options: { readonly history?: string; readonly reports: string }): string {
  return options.history === undefined
    ? join(reportsFolder(options.reports), 'history.db')
    : fromUser(options.history);
}

/** A path as the user gave it. */
export function fromUser(path: string): string {
  return resolve(userFolder(), path);
}
