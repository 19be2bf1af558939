import type { Named } from './found-processes.ts';
import { ProcFile } from './proc-file.ts';

/** What a process sleeps for in the kernel that is the machine's doing. */
export type Cause = 'lock' | 'disk';

/** A process waited in the kernel between these instants, ns since the epoch. */
export interface KernelWait extends Named {
  readonly atNs: bigint;
  readonly untilNs: bigint;
  readonly waitedMs: number;
  readonly cause: Cause;
  /** The kernel's function that it waited in. */
  readonly request: string;
}

/**
 * Where in the kernel a process sleeps (proc(5), /proc/PID/wchan) that changes addresses, routes or links and does not
 * get on: such requests are made one at a time, in all network namespaces of a machine together (rtnl_mutex,
 * net/core/rtnetlink.c). While another lab boots or ends, that takes tens of milliseconds now and then; two virtual
 * machines have a kernel each.
 */
const LOCK = /^(rtnl_|rtnetlink_|netlink_|inet6?_rtm_|inet6?_netconf|devinet_|dev_ioctl)/;
/** Code or data that is not in memory yet comes from the disk (mm/filemap.c, fs/buffer.c). */
const DISK =
  /^(folio_wait|__folio_lock|filemap_|wait_on_page|io_schedule|bit_wait_io|__wait_on_buffer|blk_|submit_bio)/;
/** A request that is seen only once may have continued at once. */
const LOOKS_MIN = 2;

interface Sleeper {
  readonly file: ProcFile | undefined;
  since?: {
    readonly atNs: bigint;
    readonly cause: Cause;
    readonly request: string;
    lastNs: bigint;
    looks: number;
  };
}

/** Looks again and again whether processes wait for the kernel's network lock, or for the disk. */
export class KernelWaits implements Disposable {
  readonly #sleepers = new Map<number, Sleeper>();
  readonly #sleepsIn: (pid: number) => string | undefined;
  #lookedNs: bigint;

  /** @param sleepsIn tells where in the kernel a process sleeps; by default the kernel does */
  constructor(nowNs: bigint, sleepsIn?: (pid: number) => string | undefined) {
    this.#lookedNs = nowNs;
    this.#sleepsIn = sleepsIn ?? ((pid) => this.#sleepers.get(pid)?.file?.read());
  }

  /** The waits that have ended since the last look. */
  look(processes: readonly Named[], nowNs: bigint): readonly KernelWait[] {
    const alive = new Set(processes.map(({ pid }) => pid));
    for (const [pid, { file }] of this.#sleepers) {
      if (alive.has(pid)) continue;
      file?.[Symbol.dispose]();
      this.#sleepers.delete(pid);
    }
    const ended = processes.flatMap((named) => {
      const { pid } = named;
      const sleeper = this.#sleepers.get(pid) ?? this.#meet(pid);
      const request = this.#sleepsIn(pid);
      const cause = causeOf(request);
      if (request !== undefined && cause) {
        sleeper.since ??= { atNs: this.#lookedNs, cause, request, lastNs: nowNs, looks: 0 };
        sleeper.since.lastNs = nowNs;
        sleeper.since.looks++;
        return [];
      }
      const { since } = sleeper;
      delete sleeper.since;
      return since && since.looks >= LOOKS_MIN ? [waitOf(named, since, nowNs)] : [];
    });
    this.#lookedNs = nowNs;
    return ended;
  }

  [Symbol.dispose](): void {
    for (const { file } of this.#sleepers.values()) file?.[Symbol.dispose]();
  }

  #meet(pid: number): Sleeper {
    const sleeper = { file: opened(`/proc/${pid}/wchan`) };
    this.#sleepers.set(pid, sleeper);
    return sleeper;
  }
}

function causeOf(request: string | undefined): Cause | undefined {
  if (request === undefined) return undefined;
  if (LOCK.test(request)) return 'lock';
  return DISK.test(request) ? 'disk' : undefined;
}

/** It began and ended between two looks each. */
function waitOf(
  named: Named,
  { atNs, cause, request, lastNs }: NonNullable<Sleeper['since']>,
  untilNs: bigint,
): KernelWait {
  return { ...named, atNs, untilNs, cause, request, waitedMs: Number((lastNs + untilNs) / 2n - atNs) / 1e6 };
}

/** Undefined where the process has ended, or the kernel does not tell. */
function opened(path: string): ProcFile | undefined {
  try {
    return new ProcFile(path);
  } catch {
    return undefined;
  }
}
