import { readdir } from 'node:fs/promises';
import { PATHS } from '../templates/paths.ts';

/** Ids of the UDP and SCTP listeners that have a configuration here. */
export async function lvsListenerIds(): Promise<string[]> {
  const files = await readdir(PATHS.lvs.folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return files.flatMap((file) => /^octavia-keepalivedlvs-(.+)\.conf$/.exec(file)?.[1] ?? []);
}
