/** What a process asks its bundles before it loads anything: it loads no more of this folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who imports libraries. */
export type ImporterName = 'own' | 'ava';
/** Command lines, processes that perform runs, and AVA's. */
export type ProcessKind = 'commands' | 'runs' | 'tests';
/** By what is imported, the file that it leads to in a folder of bundles. */
export type Files = Readonly<Record<string, string>>;

/** In a folder of bundles: their files, by who imports or by the kind of process. */
export const TABLE = 'table.json';

/** The files of bundled libraries. @throws where the folder has gone */
export function readTable(folder: string): Readonly<Record<ImporterName, Files>> {
  return JSON.parse(readFileSync(join(folder, TABLE), 'utf8'));
}

/** Where code begins in bundles, by its file from the root. @throws where the folder has gone */
export function readCode(folder: string): Readonly<Record<ProcessKind, Files>> {
  return JSON.parse(readFileSync(join(folder, TABLE), 'utf8'));
}
