/** A process as one look finds it; processor time in ms. */
export interface ProcessTime {
  /** Its number and its start: a number may be given again. */
  readonly key: string;
  readonly pid: number;
  readonly parent: number;
  /** As the kernel has it: 15 characters (proc(5), comm). */
  readonly name: string;
  readonly ownMs: number;
  /** What its children took that it has waited for, and theirs. */
  readonly waitedMs: number;
}

/** The programs of Docker and of Podman. */
const PROGRAMS =
  /^(?:dockerd|containerd|containerd-shim|docker-proxy|docker-init|runc(?::\[.*)?|crun|podman|conmon)$/;

interface Known {
  last: ProcessTime;
  /** What it had taken before it was looked at. */
  readonly beforeMs: number;
  /** Whether the engine's process that started it counts it, once it has ended. */
  isChild: boolean;
  /** Whether a container's first process was seen below it. */
  hasContainer: boolean;
}

/**
 * The processor time of the engine on this machine, container by container: its daemons, and the programs that they start
 * (`runc`, shims), which end sooner than one can look. Who starts them waits for them, and the kernel adds what they took.
 */
export class EngineTime {
  readonly #known = new Map<string, Known>();
  #alive: ReadonlySet<string> = new Set();
  #looked = false;

  /** @param holders processes that have a container's process as their child */
  look(processes: readonly ProcessTime[], holders: ReadonlySet<number>): void {
    const engine = processes.filter(({ name }) => PROGRAMS.test(name));
    const pids = new Set(engine.map(({ pid }) => pid));
    for (const process of engine) {
      const known = this.#known.get(process.key);
      const holds = holders.has(process.pid);
      const isChild = pids.has(process.parent);
      if (!known) {
        this.#known.set(process.key, {
          last: process,
          // What is new since the first look has taken nothing before.
          beforeMs: this.#looked ? 0 : process.ownMs + process.waitedMs,
          isChild,
          hasContainer: holds,
        });
      } else {
        // A shim waits for its container's processes too: those are counted with the container.
        const { waitedMs } = known.hasContainer && !holds ? known.last : process;
        known.last = { ...process, waitedMs };
        known.hasContainer ||= holds;
        known.isChild = isChild;
      }
    }
    this.#alive = new Set(engine.map(({ key }) => key));
    this.#looked = true;
  }

  /** Since the first look, ms. */
  get totalMs(): number {
    const counted = [...this.#known].filter(([key, { isChild }]) => !isChild || this.#alive.has(key));
    return counted.reduce((sum, [, { last, beforeMs }]) => sum + last.ownMs + last.waitedMs - beforeMs, 0);
  }
}

/** Whether it may become a container's first process: `runc` does, under the same number. */
export function becomesContainer(name: string): boolean {
  return name.startsWith('runc') || name === 'crun' || name === 'conmon';
}
