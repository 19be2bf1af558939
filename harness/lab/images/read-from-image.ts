import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import type { Engine } from '../engine/engine.ts';
import { LABEL, OWNER, SESSION } from '../engine/labels.ts';

/** A file of an image, without starting anything of it; undefined where it has no such file. */
export async function readFromImage(
  { docker }: Engine,
  image: string,
  path: string,
): Promise<string | undefined> {
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['true'],
    NetworkDisabled: true,
    Labels: { [LABEL.owner]: OWNER, [LABEL.session]: SESSION },
  });
  try {
    const entries = extract();
    (await container.getArchive({ path })).pipe(entries);
    for await (const entry of entries) return await text(entry);
    return undefined;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  } finally {
    await container.remove({ force: true });
  }
}
