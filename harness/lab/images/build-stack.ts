import { stripVTControlCharacters } from 'node:util';
import type { Engine } from '../engine/engine.ts';
import { LABEL, OWNER } from '../engine/labels.ts';
import { buildBase } from './base.ts';
import { followed, ImageBuildFailed } from './engine-output.ts';
import { buildContext, type ImageRole } from './recipe.ts';
import type { CopiedImage, ImageStack } from './stack.ts';

/**
 * Builds what is missing of a stack, while the caller holds the lock of the engine’s images.
 *
 * @returns what was done, for people
 * @throws ImageBuildFailed
 */
export async function buildStack(
  engine: Engine,
  { base, layers }: ImageStack,
  progress: (line: string) => void,
): Promise<readonly string[]> {
  const done: string[] = [];
  if (!(await present(engine, base.reference))) {
    progress(FIRST_TIME);
    done.push(`base image: ${await buildBase(engine, base, labels('base'), progress)}`);
  }
  for (const layer of layers) {
    if (await present(engine, layer.reference)) continue;
    progress(`building ${layer.reference}`);
    await buildCopied(engine, layer, progress);
    done.push(`${layer.role} image: ${layer.reference}`);
  }
  return done;
}

/** Measured on two cores; a slow mirror takes longer. */
const FIRST_TIME = 'the first time: about 2 minutes, a download of 80 MB and 400 MB of disk';

function labels(role: ImageRole): Record<string, string> {
  return { [LABEL.role]: role, [LABEL.owner]: OWNER };
}

/** What a command of a Dockerfile wants people to see begins so. */
const SHOWN = /^progress: (.*)$/gm;

async function buildCopied(
  engine: Engine,
  image: CopiedImage,
  progress: (line: string) => void,
): Promise<void> {
  const context = buildContext([
    { path: 'Dockerfile', mode: 0o644, content: Buffer.from(image.dockerfile) },
    ...(await image.files()),
  ]);
  let said = '';
  try {
    const stream = await engine.docker.buildImage(context, {
      t: image.reference,
      labels: labels(image.role),
      forcerm: true,
      networkmode: 'none',
      // Podman would commit after each instruction; what need not be built again is known by the image's name.
      ...(engine.name === 'Podman' && { layers: false }),
    });
    await followed(engine, stream, (line) => {
      if (!BUILDER_LINE.test(line)) said = stripVTControlCharacters(line).trim().replaceAll(/\n: /g, ': ');
      for (const [, shown = ''] of line.matchAll(SHOWN)) progress(shown);
    });
  } catch (cause) {
    // What a failed command wrote last says more than its exit code.
    const last = said.split('\n').at(-1);
    throw new ImageBuildFailed(`${image.reference} could not be built: ${last || (cause as Error).message}`, {
      cause,
    });
  }
}

/** Lines of the engine's builder, between those of the commands that it runs. */
const BUILDER_LINE = /^(?:STEP \d|Step \d|--->|Removing intermediate|Successfully )/;

/** Whether the engine has an image. */
export async function present(engine: Engine, reference: string): Promise<boolean> {
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
