import { closest } from 'fastest-levenshtein';
import { type Engine, findEngine } from '../lab/engine/engine.ts';
import { raiseInotifyInstances } from '../lab/engine/inotify.ts';
import { sweepOrphans } from '../lab/engine/orphans.ts';
import { type Images, requireImages } from '../lab/images/images.ts';
import { UsageError } from '../scenario/parameters.ts';

/**
 * Engine and images: what every command that builds a lab starts from.
 *
 * @param image an amphora image in place of this checkout's
 * @throws EngineUnavailable
 * @throws ImagesMissing
 * @throws UsageError when the engine has no such image
 */
export async function workbench(
  image?: string,
): Promise<{ readonly engine: Engine; readonly images: Images }> {
  const engine = await findEngine();
  raiseInotifyInstances(engine);
  const [images] = await Promise.all([requireImages(engine), sweepOrphans(engine)]);
  if (!image) return { engine, images };
  const there = (await engine.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
  const found = await engine.docker
    .getImage(image)
    .inspect()
    .catch(() => undefined);
  if (!found)
    throw new UsageError(
      `--image takes an image that the engine has; found "${image}", the nearest is ${closest(image, there)}.`,
    );
  return { engine, images: { ...images, amphora: image } };
}
