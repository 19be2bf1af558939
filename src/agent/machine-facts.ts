import { readFile } from 'node:fs/promises';
import { OPEN_FILES_HEADER } from '../domain/amphora.ts';
import { hardFileLimitIn } from '../domain/file-limit.ts';
import { UPSTREAM_LIMIT_NOFILE } from '../templates/units.ts';

/** The limits of this machine that a controller has to respect. */
export async function machineFacts(): Promise<Readonly<Record<string, string>>> {
  return { [OPEN_FILES_HEADER]: String(await hardFileLimit()) };
}

/** The most files that a unit may have open: systemd cannot give more than its own limit. */
export async function hardFileLimit(): Promise<number> {
  return hardFileLimitIn(await readFile('/proc/1/limits', 'utf8')) ?? UPSTREAM_LIMIT_NOFILE.current;
}
