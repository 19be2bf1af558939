import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { archiveOf } from '../../lab/images/recipe.ts';
import { runSchema } from '../../result/result.ts';
import { RUN_FILES, writeVerdict } from '../run-folder.ts';

/** Limit for the files of one run, compressed: they lie in the queue's memory. A usual run has 0.1 MB. */
export const PARCEL_BYTES_MAX = 32e6;
/** Limit for the same files unpacked. */
const UNPACKED_BYTES_MAX = 1e9;

/** The files of a run are more than a queue may hold. */
export class ParcelTooLarge extends Error {
  override readonly name = 'ParcelTooLarge';
}

/**
 * Packs the files of a run, verdict included, to send them through a queue.
 *
 * @throws ParcelTooLarge
 */
export async function packRun(folder: string): Promise<Buffer> {
  const names = await readdir(folder);
  const files = await Promise.all(
    names.map(async (path) => ({ path, mode: 0o644, content: await readFile(join(folder, path)) })),
  );
  const parcel = await promisify(gzip)(await buffer(archiveOf(files)));
  if (parcel.length > PARCEL_BYTES_MAX) {
    throw new ParcelTooLarge(
      `The files of the run have ${(parcel.length / 1e6).toFixed(0)} MB, and the queue takes ${PARCEL_BYTES_MAX / 1e6} MB.`,
    );
  }
  return parcel;
}

/**
 * Unpacks what {@link packRun} packed; the verdict comes last, as in a run that was performed here.
 *
 * @throws where it is no parcel of a run
 */
export async function unpackRun(parcel: Buffer, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries = extract();
  entries.end(await promisify(gunzip)(parcel, { maxOutputLength: UNPACKED_BYTES_MAX }));
  let verdict: Buffer | undefined;
  for await (const entry of entries) {
    const { name, type } = entry.header;
    if (type !== 'file' || name !== basename(name)) throw new Error(`A run has no file "${name}".`);
    const content = await buffer(entry);
    if (name === RUN_FILES.verdict) verdict = content;
    else await writeFile(join(folder, name), content);
  }
  if (!verdict) throw new Error('A run came without its verdict.');
  await writeVerdict(folder, runSchema.parse(JSON.parse(verdict.toString())));
}
