import { readFile } from 'node:fs/promises';
import { UPSTREAM_LIMIT_NOFILE } from '../../src/templates/units.ts';

/** How many files a process of this machine may have open at most. */
export async function hardFileLimit(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? UPSTREAM_LIMIT_NOFILE.current);
}
