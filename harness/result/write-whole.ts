import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file in one step: a reader always finds it whole, even if this process is killed or the disk is full,
 * or as it was before. (write-file-atomic and atomically take a write that the disk cut short for a whole one.)
 */
export async function writeWhole(path: string, content: string | Buffer): Promise<void> {
  const partial = `${path}.${randomUUID()}`;
  try {
    {
      await using file = await open(partial, 'wx');
      await file.writeFile(content);
      await file.sync();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
