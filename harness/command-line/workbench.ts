import { type Engine, findEngine } from '../engine/engine.ts';
import { raiseInotifyInstances } from '../engine/inotify.ts';
import { sweepOrphans } from '../engine/orphans.ts';
import { type Images, requireImages } from '../images/images.ts';

/**
 * What every command that builds a lab starts from.
 *
 * @param image another amphora image than this checkout's own
 * @throws EngineUnavailable
 * @throws ImagesMissing
 */
export async function workbench(
  image?: string,
): Promise<{ readonly engine: Engine; readonly images: Images }> {
  const engine = await findEngine();
  raiseInotifyInstances(engine);
  const [images] = await Promise.all([requireImages(engine), sweepOrphans(engine)]);
  return { engine, images: image ? { ...images, amphora: image } : images };
}
