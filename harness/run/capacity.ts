import { readFile } from 'node:fs/promises';
import type { Engine } from '../lab/engine/engine.ts';

/** A lab's containers and its share of the test process; estimated, see `npm run lab -- bench`. */
const LAB_MEMORY_MB = 300;
/** Memory that is left to the rest of the machine. */
const RESERVED_MEMORY_MB = 1000;
/**
 * A lab works while it is built and mostly waits after that: three a core keep the cores busy, more make labs
 * wait for each other, and runs invalid.
 */
const LABS_PER_CORE = 3;

/** How many labs a machine can run at once, and what limits it. */
export interface Capacity {
  readonly labs: number;
  readonly reason: string;
}

/** The limit by cores and free memory; at least one lab. */
export function capacityOf(machine: { readonly cpus: number; readonly freeMemoryMb: number }): Capacity {
  const byCores = machine.cpus * LABS_PER_CORE;
  const byMemory = Math.floor((machine.freeMemoryMb - RESERVED_MEMORY_MB) / LAB_MEMORY_MB);
  if (byMemory < byCores) {
    return {
      labs: Math.max(1, byMemory),
      reason: `${LAB_MEMORY_MB} MB each of the ${Math.round(machine.freeMemoryMb)} MB that are free`,
    };
  }
  return { labs: byCores, reason: `${LABS_PER_CORE} for each of ${machine.cpus} cores` };
}

/** The capacity of the engine's machine as it is now. */
export async function capacityFor(engine: Engine): Promise<Capacity> {
  const { NCPU, MemTotal } = (await engine.docker.info()) as { NCPU: number; MemTotal: number };
  return capacityOf({ cpus: NCPU, freeMemoryMb: (await availableBytes(engine, MemTotal)) / 1e6 });
}

/** A remote engine reports only its total memory: half of it is assumed to be free. */
async function availableBytes(engine: Engine, total: number): Promise<number> {
  if (!engine.host.startsWith('unix://')) return total / 2;
  const kB = /^MemAvailable:\s+(\d+) kB/m.exec(await readFile('/proc/meminfo', 'utf8').catch(() => ''))?.[1];
  return kB ? Number(kB) * 1024 : total / 2;
}
