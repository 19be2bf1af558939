import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces a file at once: a reader finds the old content or the new (rename(2)). The file beside it is hidden,
 * so that keepalived's check script passes it over.
 *
 * @param mode permission bits, e.g. 0o600 for what holds a secret
 */
export async function replaceFile(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeFile(beside, content, { mode, flag: 'wx' });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
