import { closest } from 'fastest-levenshtein';
import type { System } from '../../system/system.ts';
import { UsageError } from '../../usage-error.ts';
import type { Engine } from '../engine/engine.ts';
import { withLock } from '../engine/lock.ts';
import { RENDERED_BY_OCTAVIA } from '../renderers/octavia-renderers.ts';
import { readTexts } from '../renderers/own-texts.ts';
import { buildStack, present } from './build-stack.ts';
import { type Images, requireFabric, requireImages } from './images.ts';
import { readCheckout } from './octavia-checkout.ts';
import { octaviaPart } from './octavia-layers.ts';
import { planAmphora } from './plan.ts';
import { topOf } from './stack.ts';

/**
 * The images that a system is tested with: builds what is missing of them.
 *
 * @param progress called with what is being built
 * @throws UsageError where the system names what there is not
 * @throws ImagesMissing, ImageBuildFailed
 */
export async function imagesFor(
  engine: Engine,
  system: System,
  progress: (line: string) => void,
): Promise<Images> {
  const { texts, parts } = await readTexts(system.texts);
  const images = await imagesOf(engine, system, progress);
  const rendered = images.system.agent === 'octavia' ? { configurations: RENDERED_BY_OCTAVIA } : {};
  return {
    ...images,
    system: { ...images.system, texts, parts: { ...images.system.parts, ...rendered, ...parts } },
  };
}

/** Those of the system's programs. */
async function imagesOf(engine: Engine, system: System, progress: (line: string) => void): Promise<Images> {
  const { image, octavia, release } = system;
  if (image !== undefined) {
    await requireImage(engine, image);
    const fabric = await requireFabric(engine);
    return { amphora: image, fabric, system: { agent: 'own', parts: { image }, texts: {} } };
  }
  if (octavia.kind === 'own' && release === undefined) {
    return requireImages(engine);
  }
  const fabric = await requireFabric(engine);
  const checkout = octavia.kind === 'checkout' ? await readCheckout(octavia) : undefined;
  const stack = await planAmphora(system, checkout);
  const amphora = topOf(stack);
  if (!(await present(engine, amphora))) {
    await withLock('images', () => buildStack(engine, stack, progress));
  }
  if (octavia.kind === 'own') {
    return { amphora, fabric, system: { agent: 'own', parts: { release: stack.base.release }, texts: {} } };
  }
  const parts = { octavia: await octaviaPart(engine, amphora, stack.base.release, checkout) };
  return { amphora, fabric, system: { agent: 'octavia', parts, texts: {} } };
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
