import { readFile } from 'node:fs/promises';
import { OPEN_FILES_HEADER } from '../domain/amphora.ts';
import { UPSTREAM_LIMIT_NOFILE } from '../templates/units.ts';

/** What a controller has to know of this machine before it asks for more than that can hold. */
export async function machineFacts(): Promise<Readonly<Record<string, string>>> {
  return { [OPEN_FILES_HEADER]: String(await hardFileLimit()) };
}

/** How many files a unit may have open at most: systemd can give no more than it has itself. */
export async function hardFileLimit(): Promise<number> {
  const limits = await readFile('/proc/1/limits', 'utf8');
  return Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? UPSTREAM_LIMIT_NOFILE.current);
}
