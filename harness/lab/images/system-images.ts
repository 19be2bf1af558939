import { basename } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { digestOf } from '../../pair/configuration/files.ts';
import { pairIn } from '../../pair/configuration/folder.ts';
import { sharedRouters } from '../../pair/configuration/pair.ts';
import { carrierOf } from '../../pair/failures/link-fails.ts';
import { returnOf } from '../../pair/failures/predict.ts';
import { type Build, readBuild } from '../../system/build.ts';
import { PROGRAMS, type System } from '../../system/system.ts';
import type { AgentName } from '../../system/under-test.ts';
import { UsageError } from '../../usage-error.ts';
import type { Engine } from '../engine/engine.ts';
import { withLock } from '../engine/lock.ts';
import { RENDERED_BY_OCTAVIA } from '../renderers/octavia-renderers.ts';
import { readTexts } from '../renderers/own-texts.ts';
import { planBuild } from './build-layers.ts';
import { buildStack, present } from './build-stack.ts';
import { type Images, requireFabric, requireImages } from './images.ts';
import { namesOf } from './names.ts';
import { readCheckout } from './octavia-checkout.ts';
import { octaviaPart } from './octavia-layers.ts';
import { OWN_AGENT, planAmphora, planPlain } from './plan.ts';
import { readFromImage } from './read-from-image.ts';
import { extended, type ImageStack, topOf } from './stack.ts';

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
  if (system.pair !== undefined) return imagesOfPair(engine, system, system.pair, progress);
  const given = await buildsOf(system);
  if (image !== undefined) {
    await requireImage(engine, image);
    const fabric = await requireFabric(engine);
    const agent = await agentIn(engine, image);
    return { amphora: image, fabric, system: { agent, parts: { image }, texts: {} } };
  }
  if (octavia.kind === 'own' && release === undefined && given.length === 0) {
    return requireImages(engine);
  }
  const fabric = await requireFabric(engine);
  const checkout = octavia.kind === 'checkout' ? await readCheckout(octavia) : undefined;
  const plain = await planAmphora(system, checkout);
  const { amphora, built } = await builtOn(engine, plain, given, progress);
  const own = octavia.kind === 'own';
  const parts = {
    ...(own
      ? release !== undefined && { release }
      : { octavia: await octaviaPart(engine, amphora, plain.base.release, checkout) }),
    ...built,
  };
  return { amphora, fabric, system: { agent: own ? 'own' : 'octavia', parts, texts: {} } };
}

/** Those of a pair of configurations. @throws UsageError where there is nothing in it to measure */
async function imagesOfPair(
  engine: Engine,
  system: System,
  folder: string,
  progress: (line: string) => void,
): Promise<Images> {
  const [read, digest, given] = await Promise.all([pairIn(folder), digestOf(folder), buildsOf(system)]);
  const fabric = await requireFabric(engine);
  const plain = await planPlain(system, read.settings.packages);
  const { amphora, built } = await builtOn(engine, plain, given, progress);
  const takesBackMs = returnOf(read)?.movesAfter?.max;
  const [router = []] = sharedRouters(read);
  const parts = {
    pair: `${basename(folder)} (${digest})`,
    ...(system.release !== undefined && { release: system.release }),
    ...built,
  };
  return {
    amphora,
    fabric,
    system: {
      pair: {
        ...{ folder, digest, machines: read.nodes.length },
        ...(takesBackMs !== undefined && { takesBackMs }),
        ...(router.some(({ vmac }) => vmac) && { oneMac: true as const }),
        ...(router.some(carrierOf) && { twoCables: true as const }),
      },
      ...{ parts, texts: {} },
    },
  };
}

/** Builds what is missing of a stack with the user's programs on it. */
async function builtOn(
  engine: Engine,
  plain: ImageStack,
  given: readonly Build[],
  progress: (line: string) => void,
): Promise<{ readonly amphora: string; readonly built: Readonly<Record<string, string>> }> {
  const builds = await Promise.all(given.map((build) => planBuild(build, plain.base.release)));
  const stack = extended(
    plain,
    builds.map(({ layer }) => layer),
  );
  const amphora = topOf(stack);
  const compiled = builds.flatMap((build) => build.compiled ?? []);
  // Where there is nothing to build, nobody's builds are waited for.
  if (!(await present(engine, amphora))) {
    await withLock(`images ${engine.host}`, async () => {
      for (const each of compiled) {
        if (!(await present(engine, topOf(each)))) await buildStack(engine, each, progress);
      }
      await buildStack(engine, stack, progress);
    });
  }
  const built = Object.fromEntries(given.map(({ program }, n) => [program, builds[n]?.part ?? '']));
  return { amphora, built };
}

/** @throws UsageError where one is no build of its program */
function buildsOf({ builds }: System): Promise<readonly Build[]> {
  return Promise.all(
    PROGRAMS.flatMap((program) => {
      const path = builds[program];
      return path === undefined ? [] : [readBuild(program, path)];
    }),
  );
}

/** Whose agent an image of the user's has. */
async function agentIn(engine: Engine, image: string): Promise<AgentName> {
  return (await readFromImage(engine, image, OWN_AGENT)) === undefined ? 'octavia' : 'own';
}

/** @throws UsageError */
async function requireImage(engine: Engine, image: string): Promise<void> {
  const there = namesOf(await engine.docker.listImages());
  const found = await engine.docker
    .getImage(image)
    .inspect()
    .catch(() => undefined);
  if (found) return;
  throw new UsageError(
    `--with image takes an image that the engine has; found "${image}", the nearest is ${closest(image, there)}.`,
  );
}
