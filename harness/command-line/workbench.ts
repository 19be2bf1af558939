import { isDeepStrictEqual } from 'node:util';
import { type Engine, findEngine } from '../lab/engine/engine.ts';
import { raiseInotifyInstances } from '../lab/engine/inotify.ts';
import { sweepOrphans } from '../lab/engine/orphans.ts';
import { type Images, requireImages } from '../lab/images/images.ts';
import { OWN_SYSTEM, type System } from '../system/system.ts';
import { commitUnderTest } from './at-ref.ts';

/**
 * Engine and images: what every command that builds a lab starts from.
 *
 * @throws EngineUnavailable
 * @throws ImagesMissing
 * @throws ImageBuildFailed
 * @throws UsageError where the system names what there is not
 */
export async function workbench(
  system: System = OWN_SYSTEM,
): Promise<{ readonly engine: Engine; readonly images: Images }> {
  const engine = await findEngine();
  raiseInotifyInstances(engine);
  const [images] = await Promise.all([imagesOf(engine, system), sweepOrphans(engine)]);
  const commit = commitUnderTest();
  if (commit === undefined) return { engine, images };
  const parts = { ref: commit, ...images.system.parts };
  return { engine, images: { ...images, system: { ...images.system, parts } } };
}

/** Most commands test the testbed's own system; what makes others is loaded for them alone. */
async function imagesOf(engine: Engine, system: System): Promise<Images> {
  if (isDeepStrictEqual(system, OWN_SYSTEM)) return requireImages(engine);
  const { imagesFor } = await import('../lab/images/system-images.ts');
  return imagesFor(engine, system, (line) => process.stderr.write(`${line}\n`));
}
