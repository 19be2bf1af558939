import { OWN_UNDER_TEST, type SystemUnderTest } from '../../system/under-test.ts';
import type { Engine } from '../engine/engine.ts';
import { LABEL, OWNER } from '../engine/labels.ts';
import { withLock } from '../engine/lock.ts';
import { buildBase } from './base.ts';
import { followed, ImageBuildFailed } from './engine-output.ts';
import { type CopiedImage, planImages } from './plan.ts';
import { buildContext, type ImageRole } from './recipe.ts';

/** What labs are made of: references of images, and what is in them. */
export interface Images {
  readonly amphora: string;
  readonly fabric: string;
  readonly system: SystemUnderTest;
}

/** The images of this checkout have not been built. */
export class ImagesMissing extends Error {
  override readonly name = 'ImagesMissing';
}

/**
 * The images that belong to this checkout's sources.
 *
 * @throws ImagesMissing
 */
export async function requireImages(engine: Engine): Promise<Images> {
  const { amphora, fabric } = await planImages();
  for (const { reference } of [amphora, fabric]) {
    if (!(await present(engine, reference))) {
      throw new ImagesMissing(`The image ${reference} has not been built: run \`npm run setup\`.`);
    }
  }
  return { amphora: amphora.reference, fabric: fabric.reference, system: OWN_UNDER_TEST };
}

/**
 * Builds missing images, and removes this checkout's outdated ones.
 *
 * @returns the references, and what was done
 * @throws ImageBuildFailed
 */
export function buildImages(
  engine: Engine,
  progress: (line: string) => void,
): Promise<Images & { readonly done: readonly string[] }> {
  return withLock('images', async () => {
    const plan = await planImages();
    const done: string[] = [];
    const labels = (role: ImageRole) => ({ [LABEL.role]: role, [LABEL.owner]: OWNER });
    if (!(await present(engine, plan.base.reference))) {
      done.push(`base image: ${await buildBase(engine, plan.base, labels('base'), progress)}`);
    }
    for (const role of ['node', 'amphora', 'fabric'] as const) {
      if (await present(engine, plan[role].reference)) continue;
      progress(`building ${plan[role].reference}`);
      await buildCopied(engine, plan[role], labels(role));
      done.push(`${role} image: ${plan[role].reference}`);
    }
    await removeOutdated(
      engine,
      new Set([plan.base, plan.node, plan.amphora, plan.fabric].map((p) => p.reference)),
    );
    return {
      amphora: plan.amphora.reference,
      fabric: plan.fabric.reference,
      system: OWN_UNDER_TEST,
      done,
    };
  });
}

async function buildCopied(
  engine: Engine,
  image: CopiedImage,
  labels: Record<string, string>,
): Promise<void> {
  const context = buildContext([
    { path: 'Dockerfile', mode: 0o644, content: Buffer.from(image.dockerfile) },
    ...(await image.files()),
  ]);
  try {
    const stream = await engine.docker.buildImage(context, {
      t: image.reference,
      labels,
      forcerm: true,
      networkmode: 'none',
    });
    await followed(engine, stream, () => {});
  } catch (cause) {
    throw new ImageBuildFailed(`${image.reference} could not be built: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Another checkout, or a revision that is being compared, may need what is younger. */
const OUTDATED_AFTER_S = 24 * 3600;

/** Images in use stay: another invocation may be running a lab of them. */
async function removeOutdated(engine: Engine, wanted: ReadonlySet<string>): Promise<void> {
  const ours = await engine.docker.listImages({ filters: { label: [`${LABEL.owner}=${OWNER}`] } });
  const youngest = Date.now() / 1000 - OUTDATED_AFTER_S;
  const outdated = ours
    .filter(({ Created }) => Created < youngest)
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .filter((tag) => !wanted.has(tag));
  // Children first; a parent is removed once no other checkout’s image is built on it.
  for (const tag of outdated.sort()) {
    await engine.docker
      .getImage(tag)
      .remove()
      .catch(() => {});
  }
}

async function present(engine: Engine, reference: string): Promise<boolean> {
  return engine.docker
    .getImage(reference)
    .inspect()
    .then(
      () => true,
      (error: { statusCode?: number }) => {
        if (error.statusCode === 404) return false;
        throw error;
      },
    );
}
