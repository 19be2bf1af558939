import { readFile } from 'node:fs/promises';
import type { Engine } from '../lab/engine/engine.ts';
import { engineInfo } from '../lab/engine/engine-host.ts';
import { inotifyInstances } from '../lab/engine/inotify.ts';
import { UsageError } from '../usage-error.ts';

/** A lab's containers and its share of the test process; estimated, see `npm run lab -- bench`. */
const LAB_MEMORY_MB = 300;
/** The containers alone, on the smallest side: more labs than this allows are sure to fail. */
const LAB_MEMORY_MIN_MB = 110;
/** Each systemd takes five. */
const LAB_INOTIFY_INSTANCES = 10;
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
  const { NCPU, MemTotal } = (await engineInfo(engine)) as { NCPU: number; MemTotal: number };
  return capacityOf({ cpus: NCPU, freeMemoryMb: (await availableBytes(engine, MemTotal)) / 1e6 });
}

/** How many labs can be there at once, however long they take; at least one lab. */
export function roomIn(machine: {
  readonly freeMemoryMb: number;
  /** How many a user may have; absent where that has no limit. */
  readonly inotifyInstances?: number | undefined;
}): Capacity {
  const byMemory = Math.floor(machine.freeMemoryMb / LAB_MEMORY_MIN_MB);
  const byInotify = Math.floor((machine.inotifyInstances ?? Infinity) / LAB_INOTIFY_INSTANCES);
  return byMemory <= byInotify
    ? {
        labs: Math.max(1, byMemory),
        reason: `${LAB_MEMORY_MIN_MB} MB each of the ${Math.round(machine.freeMemoryMb)} MB that are free`,
      }
    : {
        labs: Math.max(1, byInotify),
        reason: `${LAB_INOTIFY_INSTANCES} inotify instances each, and fs.inotify.max_user_instances is ${machine.inotifyInstances}`,
      };
}

/**
 * Labs that are asked for must find room: a machine without memory ends other people's programs too.
 *
 * @param labs undefined where the machine decides
 * @throws UsageError
 */
export async function requireRoom(engine: Engine, labs: number | undefined): Promise<void> {
  if (labs === undefined) return;
  const { MemTotal } = (await engineInfo(engine)) as { MemTotal: number };
  const freeMemoryMb = (await availableBytes(engine, MemTotal)) / 1e6;
  const room = roomIn({ freeMemoryMb, ...(isLocal(engine) && { inotifyInstances: inotifyInstances() }) });
  if (labs <= room.labs) return;
  throw new UsageError(`--parallel takes at most ${room.labs} here (${room.reason}); found ${labs}.`);
}

/**
 * How many labs there are at once: as many as are asked for, or as suit the machine.
 *
 * @throws UsageError where those that are asked for find no room
 */
export async function labsFor(engine: Engine, asked: number | undefined): Promise<number> {
  await requireRoom(engine, asked);
  return asked ?? (await capacityFor(engine)).labs;
}

function isLocal({ host }: Engine): boolean {
  return host.startsWith('unix://');
}

/** A remote engine reports only its total memory: half of it is assumed to be free. */
async function availableBytes(engine: Engine, total: number): Promise<number> {
  if (!isLocal(engine)) return total / 2;
  const kB = /^MemAvailable:\s+(\d+) kB/m.exec(await readFile('/proc/meminfo', 'utf8').catch(() => ''))?.[1];
  return kB ? Number(kB) * 1024 : total / 2;
}
