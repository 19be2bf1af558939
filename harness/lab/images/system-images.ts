import { readFile } from 'node:fs/promises';
import { closest } from 'fastest-levenshtein';
import type { System } from '../../system/system.ts';
import { UsageError } from '../../usage-error.ts';
import type { Engine } from '../engine/engine.ts';
import { type Images, requireImages } from './images.ts';

/**
 * The images that a system is tested with: builds what is missing of them.
 *
 * @param progress called with what is being built
 * @throws UsageError where the system names what there is not
 * @throws ImagesMissing, ImageBuildFailed
 */
export async function imagesFor(
  engine: Engine,
  { image, texts }: System,
  _progress: (line: string) => void,
): Promise<Images> {
  const images = await requireImages(engine);
  const read = Object.entries(texts).map(
    async ([name, path]) => [name, await readFile(path, 'utf8')] as const,
  );
  const system = { ...images.system, texts: Object.fromEntries(await Promise.all(read)) };
  if (image === undefined) return { ...images, system };
  await requireImage(engine, image);
  return { ...images, amphora: image, system: { ...system, parts: { image } } };
}

/** @throws UsageError */
async function requireImage(engine: Engine, image: string): Promise<void> {
  const there = (await engine.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
  const found = await engine.docker
    .getImage(image)
    .inspect()
    .catch(() => undefined);
  if (found) return;
  throw new UsageError(
    `--with image takes an image that the engine has; found "${image}", the nearest is ${closest(image, there)}.`,
  );
}
