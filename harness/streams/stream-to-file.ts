import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/**
 * Adds to a file what a stream gives until it ends or is destroyed; resolves when the file is closed.
 *
 * Not `pipeline`: a source that is destroyed while the file holds it up never tells it, and it waits for ever.
 *
 * @throws when the file cannot be written
 */
export async function keptIn(path: string, stream: Readable): Promise<void> {
  const file = createWriteStream(path, { flags: 'a' });
  const written = finished(file);
  stream.pipe(file, { end: false });
  await Promise.race([finished(stream).catch(() => {}), written]);
  file.end();
  await written;
}
