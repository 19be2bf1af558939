import { NAMED_SYSTEMS, RELEASES } from '../../system/system.ts';
import { OWN_UNDER_TEST, type SystemUnderTest } from '../../system/under-test.ts';
import type { Engine } from '../engine/engine.ts';
import { LABEL, OWNER } from '../engine/labels.ts';
import { withLock } from '../engine/lock.ts';
import { baseImage } from './base.ts';
import { buildStack, present } from './build-stack.ts';
import { ImagesMissing } from './images-missing.ts';
import { namesOf } from './names.ts';
import { planAmphora, planFabric } from './plan.ts';
import { referencesOf, stacked, topOf } from './stack.ts';

/** What labs are made of: references of images, and what is in them. */
export interface Images {
  readonly amphora: string;
  readonly fabric: string;
  readonly system: SystemUnderTest;
}

/**
 * The images that belong to this checkout's sources, with the testbed's own agent.
 *
 * @throws ImagesMissing
 */
export async function requireImages(engine: Engine): Promise<Images> {
  const [amphora, fabric] = await Promise.all([planAmphora(OWN), requireFabric(engine)]);
  return { amphora: await required(engine, topOf(amphora)), fabric, system: OWN_UNDER_TEST };
}

/** The fabric's image. @throws ImagesMissing */
export async function requireFabric(engine: Engine): Promise<string> {
  return required(engine, topOf(await planFabric()));
}

const OWN = { octavia: { kind: 'own' } } as const;

async function required(engine: Engine, reference: string): Promise<string> {
  if (await present(engine, reference)) return reference;
  throw new ImagesMissing(`The image ${reference} has not been built: run \`npm run setup\`.`);
}

/**
 * Builds the missing images of this checkout, and removes its outdated ones.
 *
 * @returns the references, and what was done
 * @throws ImageBuildFailed
 */
export function buildImages(
  engine: Engine,
  progress: (line: string) => void,
): Promise<Images & { readonly done: readonly string[] }> {
  return withLock(`images ${engine.host}`, async () => {
    const [amphora, fabric] = await Promise.all([planAmphora(OWN), planFabric()]);
    const done = [
      ...(await buildStack(engine, amphora, progress)),
      ...(await buildStack(engine, fabric, progress)),
    ];
    const named = await Promise.all(NAMED_SYSTEMS.map((system) => planAmphora(system)));
    const builders = await Promise.all(RELEASES.map((release) => baseImage(release, 'builder')));
    const wanted = [amphora, fabric, ...named, ...builders.map((builder) => stacked(builder, []))];
    await removeOutdated(engine, new Set(wanted.flatMap(referencesOf)));
    return { amphora: topOf(amphora), fabric: topOf(fabric), system: OWN_UNDER_TEST, done };
  });
}

/** Another checkout, or a revision that is being compared, may need what is younger. */
const OUTDATED_AFTER_S = 24 * 3600;

/** Images in use stay: another invocation may be running a lab of them. */
async function removeOutdated(engine: Engine, wanted: ReadonlySet<string>): Promise<void> {
  const ours = await engine.docker.listImages({ filters: { label: [`${LABEL.owner}=${OWNER}`] } });
  const youngest = Date.now() / 1000 - OUTDATED_AFTER_S;
  const outdated = namesOf(ours.filter(({ Created }) => Created < youngest)).filter(
    (name) => !wanted.has(name),
  );
  // Children first; a parent is removed once no other checkout’s image is built on it.
  for (const tag of outdated.sort()) {
    await engine.docker
      .getImage(tag)
      .remove()
      .catch(() => {});
  }
}
