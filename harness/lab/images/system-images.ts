import { readFile } from 'node:fs/promises';
import { closest } from 'fastest-levenshtein';
import type { System } from '../../system/system.ts';
import type { AgentName } from '../../system/under-test.ts';
import { UsageError } from '../../usage-error.ts';
import type { Engine } from '../engine/engine.ts';
import { withLock } from '../engine/lock.ts';
import { buildStack, present } from './build-stack.ts';
import { type Images, requireFabric, requireImages } from './images.ts';
import { readCheckout } from './octavia-checkout.ts';
import { octaviaPart } from './octavia-layers.ts';
import { OWN_AGENT, planAmphora } from './plan.ts';
import { readFromImage } from './read-from-image.ts';
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
  const read = Object.entries(system.texts).map(
    async ([name, path]) => [name, await readFile(path, 'utf8')] as const,
  );
  const texts = Object.fromEntries(await Promise.all(read));
  const { image, octavia, release } = system;
  if (image !== undefined) {
    await requireImage(engine, image);
    const fabric = await requireFabric(engine);
    const agent = await agentIn(engine, image);
    return { amphora: image, fabric, system: { agent, parts: { image }, texts } };
  }
  if (octavia.kind === 'own' && release === undefined) {
    const images = await requireImages(engine);
    return { ...images, system: { ...images.system, texts } };
  }
  const fabric = await requireFabric(engine);
  const checkout = octavia.kind === 'checkout' ? await readCheckout(octavia) : undefined;
  const stack = await planAmphora(system, checkout);
  const amphora = topOf(stack);
  if (!(await present(engine, amphora))) {
    await withLock('images', () => buildStack(engine, stack, progress));
  }
  if (octavia.kind === 'own') {
    return { amphora, fabric, system: { agent: 'own', parts: { release: stack.base.release }, texts } };
  }
  const parts = { octavia: await octaviaPart(engine, amphora, stack.base.release, checkout) };
  return { amphora, fabric, system: { agent: 'octavia', parts, texts } };
}

/** Whose agent an image of the user's has. */
async function agentIn(engine: Engine, image: string): Promise<AgentName> {
  return (await readFromImage(engine, image, OWN_AGENT)) === undefined ? 'octavia' : 'own';
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
