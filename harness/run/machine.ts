import { z } from 'zod';
import type { Engine } from '../lab/engine/engine.ts';
import { engineInfo } from '../lab/engine/engine-host.ts';

/** A machine that performs runs, as far as figures may depend on it. */
export const machineSchema = z.object({
  engine: z.string(),
  kernel: z.string(),
  cpus: z.int(),
  node: z.string(),
});
export type Machine = z.output<typeof machineSchema>;

/** That of an engine, with the Node that runs here. */
export async function machineOf(engine: Engine): Promise<Machine> {
  const info = await engineInfo(engine);
  return {
    engine: `${engine.name} ${engine.version}`,
    kernel: String(info.KernelVersion),
    cpus: Number(info.NCPU),
    node: process.versions.node,
  };
}
