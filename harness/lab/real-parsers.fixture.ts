import { findEngine } from './engine/engine.ts';
import { newLabName } from './engine/labels.ts';
import { Fabric } from './fabric/fabric.ts';
import { requireImages } from './images/images.ts';

/** A fabric without a lab: HAProxy and keepalived are in its image. */
export async function startFabric(): Promise<Fabric> {
  const engine = await findEngine();
  const images = await requireImages(engine);
  return Fabric.start(engine, { lab: newLabName(), image: images.fabric });
}

/** The real program's answer to a configuration. */
export async function ask(
  fabric: Fabric,
  argv: readonly string[],
  file: string,
  configuration: string,
): Promise<{ readonly exitCode: number; readonly complaints: readonly string[] }> {
  const [, checked] = await fabric.attempt(
    { argv: ['tee', file], stdin: configuration },
    { argv: [...argv, '-f', file] },
  );
  return {
    exitCode: checked?.exitCode ?? -1,
    complaints: `${checked?.stderr}`.split('\n').filter((line) => line !== ''),
  };
}
