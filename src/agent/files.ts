import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces a file at once: a reader finds the old content or the new, and a crash leaves one of the two
 * (rename(2)). The file beside it is hidden, so that keepalived's check script passes it over.
 *
 * @param mode permission bits, e.g. 0o600 for what holds a secret
 */
export async function replaceFile(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const file = await open(beside, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
