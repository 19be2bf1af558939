import type { Place } from './found-processes.ts';
import { ProcFile } from './proc-file.ts';

/** A process waited for the kernel's network lock between these instants, ns since the epoch. */
export interface LockWait {
  readonly node: string;
  readonly atNs: bigint;
  readonly untilNs: bigint;
  readonly waitedMs: number;
  /** What it had asked the kernel for. */
  readonly request: string;
}

/**
 * Where in the kernel a process sleeps (proc(5), /proc/PID/wchan) that changes addresses, routes or links and does not
 * get on: such requests are made one at a time, in all network namespaces of a machine together (rtnl_mutex,
 * net/core/rtnetlink.c). While another lab boots or ends, that takes tens of milliseconds now and then; two virtual
 * machines have a kernel each.
 */
const REQUEST = /^(rtnl_|rtnetlink_|netlink_|inet6?_rtm_|inet6?_netconf|devinet_|dev_ioctl)/;
/** A request that is seen only once may have continued at once. */
const LOOKS_MIN = 2;

interface Sleeper {
  readonly file: ProcFile | undefined;
  since?: { readonly atNs: bigint; readonly request: string; lastNs: bigint; looks: number };
}

/** Looks again and again whether processes wait for the kernel's network lock. */
export class LockWaits implements Disposable {
  readonly #sleepers = new Map<number, Sleeper>();
  readonly #sleepsIn: (pid: number) => string | undefined;
  #lookedNs: bigint;

  /** @param sleepsIn tells where in the kernel a process sleeps; by default the kernel does */
  constructor(nowNs: bigint, sleepsIn?: (pid: number) => string | undefined) {
    this.#lookedNs = nowNs;
    this.#sleepsIn = sleepsIn ?? ((pid) => this.#sleepers.get(pid)?.file?.read());
  }

  /** The waits that have ended since the last look. */
  look(processes: readonly Place[], nowNs: bigint): readonly LockWait[] {
    const alive = new Set(processes.map(({ pid }) => pid));
    for (const [pid, { file }] of this.#sleepers) {
      if (alive.has(pid)) continue;
      file?.[Symbol.dispose]();
      this.#sleepers.delete(pid);
    }
    const ended = processes.flatMap(({ node, pid }) => {
      const sleeper = this.#sleepers.get(pid) ?? this.#meet(pid);
      const request = this.#sleepsIn(pid);
      if (request !== undefined && REQUEST.test(request)) {
        sleeper.since ??= { atNs: this.#lookedNs, request, lastNs: nowNs, looks: 0 };
        sleeper.since.lastNs = nowNs;
        sleeper.since.looks++;
        return [];
      }
      const { since } = sleeper;
      delete sleeper.since;
      return since && since.looks >= LOOKS_MIN ? [waitOf(node, since, nowNs)] : [];
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

/** It began and ended between two looks each. */
function waitOf(
  node: string,
  { atNs, request, lastNs }: NonNullable<Sleeper['since']>,
  untilNs: bigint,
): LockWait {
  return { node, atNs, untilNs, request, waitedMs: Number((lastNs + untilNs) / 2n - atNs) / 1e6 };
}

/** Undefined where the process has ended, or the kernel does not tell. */
function opened(path: string): ProcFile | undefined {
  try {
    return new ProcFile(path);
  } catch {
    return undefined;
  }
}
