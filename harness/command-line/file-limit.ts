import { readFile } from 'node:fs/promises';
import { hardFileLimitIn } from '../../src/domain/file-limit.ts';
import { UPSTREAM_LIMIT_NOFILE } from '../../src/templates/units.ts';

/** How many files a process of this machine may have open at most. */
export async function hardFileLimit(): Promise<number> {
  return hardFileLimitIn(await readFile('/proc/self/limits', 'utf8')) ?? UPSTREAM_LIMIT_NOFILE.current;
}
