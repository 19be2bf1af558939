import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PROJECT_ROOT } from '../images/project.ts';

/** The reports' folder: by default this checkout's, otherwise as seen from where the user stands. */
export function reportsFolder(given: string): string {
  return given === 'reports' ? join(PROJECT_ROOT, 'reports') : fromUser(given);
}

/** Makes a folder of its own for what a command leaves, named by its kind and the time. */
export async function newReportFolder(reports: string, kind: string): Promise<string> {
  const folder = join(reportsFolder(reports), `${kind}-${new Date().toISOString().replace(/[:.]/g, '-')}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** The history's file: beside the reports, where no other is named. */
export function historyFile(options: { readonly history?: string; readonly reports: string }): string {
  return options.history === undefined
    ? join(reportsFolder(options.reports), 'history.db')
    : fromUser(options.history);
}

/** npm runs commands in the package's folder, and says in INIT_CWD where the user stands. */
export function fromUser(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}
