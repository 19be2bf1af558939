import { readdirSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Observation } from '../../observations/observation.ts';
import { every } from './beat.ts';
import type { RealtimeClock } from './clock.ts';
import { ProcFile, schedstat } from './proc-file.ts';
import type { StallsRequest } from './protocol.ts';
import { waitedForStartsNs } from './start-program.ts';

const TICK_MS = 20;
/** The wall clock is looked at this often. */
const CLOCK_TICKS = 3;
/** What threads that help the first one do is looked at this often, and whenever this process is late. */
const HELPERS_TICKS = 10;
/** A busy machine makes this process late; shorter times are the scheduler's everyday work. */
const LATE_MIN_MS = 150;
/** A process that neither runs nor waits for a processor was stopped. Shorter times are within a timer's resolution. */
const STOPPED_MIN_MS = 20;

/**
 * Looks every 20 ms whether a process is frozen or stopped, whether the whole machine stood still, whether this process
 * is late, and whether the wall clock was stepped; each stall is written as a line of JSON once it is over. Ends when
 * `output` is closed.
 */
export function watchStalls({ processes }: StallsRequest, clock: RealtimeClock, output: Writable): void {
  const since = new Map<string, { atNs: bigint; detail: string }>();
  const write = (observation: Observation) => {
    if (output.writable) output.write(`${JSON.stringify(observation)}\n`);
  };
  const tell = (node: string, atNs: bigint, untilNs: bigint, detail: string) =>
    write({ kind: 'stall', node, atNs: String(atNs), untilNs: String(untilNs), detail });
  clock.follow();
  let tick = 0;
  let dueNs = clock.nowNs();
  let seenStartsNs = waitedForStartsNs();
  const own = new OwnThreads();
  const watched = Object.entries(processes).map(([node, pid]) => ({ node, holdUp: new HoldUp(pid) }));
  const beats = every(TICK_MS, () => {
    if (tick++ % CLOCK_TICKS === 0) {
      const steppedNs = clock.steppedNs();
      if (steppedNs !== 0n) {
        write({ kind: 'clock step', atNs: String(clock.nowNs()), byMs: Number(steppedNs) / 1e6 });
      }
    }
    const nowNs = clock.nowNs();
    const lateMs = Number(nowNs - dueNs) / 1e6;
    const isLate = lateMs >= STOPPED_MIN_MS;
    const scheduledNs = own.scheduledNs(isLate || tick % HELPERS_TICKS === 0);
    const startsNs = waitedForStartsNs() - seenStartsNs;
    seenStartsNs += startsNs;
    const stoppedMs = isLate ? stoppedFor(lateMs, scheduledNs + startsNs) : 0;
    if (stoppedMs >= STOPPED_MIN_MS) {
      tell('machine', dueNs, nowNs, 'it stood still, and its clocks jumped');
    } else if (lateMs >= LATE_MIN_MS) {
      tell('fabric', dueNs, nowNs, 'its clock ticked late');
    }
    dueNs = nowNs + BigInt(TICK_MS) * 1_000_000n;
    for (const { node, holdUp } of watched) {
      const detail = holdUp.now();
      const begun = since.get(node);
      if (detail && !begun) since.set(node, { atNs: nowNs, detail });
      if (detail || !begun) continue;
      since.delete(node);
      if (Number(nowNs - begun.atNs) / 1e6 >= STOPPED_MIN_MS) tell(node, begun.atNs, nowNs, begun.detail);
    }
  });
  output.once('close', () => {
    beats[Symbol.dispose]();
    own[Symbol.dispose]();
    for (const { holdUp } of watched) holdUp[Symbol.dispose]();
  });
}

/**
 * The part of a timer's delay in which this process neither ran nor waited, for a processor or for a program to start: the
 * whole machine was stopped, as by a host that pauses its virtual machine.
 *
 * @param scheduledNs what it ran, and what it waited, in that time
 */
export function stoppedFor(lateMs: number, scheduledNs: bigint): number {
  return Math.max(0, lateMs - Number(scheduledNs) / 1e6);
}

/** The threads of this process: while the first one waits for another, that one runs or waits for a processor. */
class OwnThreads implements Disposable {
  readonly #threads = readdirSync('/proc/self/task').map((id) => ({
    isFirst: Number(id) === process.pid,
    file: new ProcFile(`/proc/self/task/${id}/schedstat`),
    seenNs: 0n,
  }));

  constructor() {
    this.scheduledNs(true);
  }

  /**
   * What the one that did most has run and waited to run since it was looked at last.
   *
   * @param all whether the first one's helpers are looked at too: they run a hundredth of what it does
   */
  scheduledNs(all: boolean): bigint {
    let mostNs = 0n;
    for (const thread of this.#threads) {
      if (!all && !thread.isFirst) continue;
      const now = schedstat(thread.file.read());
      if (!now) continue;
      const nowNs = now.ranNs + now.waitedNs;
      if (nowNs - thread.seenNs > mostNs) mostNs = nowNs - thread.seenNs;
      thread.seenNs = nowNs;
    }
    return mostNs;
  }

  [Symbol.dispose](): void {
    for (const { file } of this.#threads) file[Symbol.dispose]();
  }
}

/** Where systemd sleeps as long as nothing holds it up (epoll_wait(2)). */
const WAITS_FOR_EVENTS = /^(ep_poll|do_epoll_wait)$/;

/** What holds a process up. */
class HoldUp implements Disposable {
  readonly #files: { readonly stat: ProcFile; readonly wchan: ProcFile } | undefined;

  constructor(pid: number) {
    try {
      this.#files = { stat: new ProcFile(`/proc/${pid}/stat`), wchan: new ProcFile(`/proc/${pid}/wchan`) };
    } catch {
      // Gone.
    }
  }

  /** Undefined where nothing does, and when the process is gone. */
  now(): string | undefined {
    const wchan = this.#files?.wchan.read() ?? '';
    if (WAITS_FOR_EVENTS.test(wchan)) return undefined;
    const state = /^\d+ \(.*\) (\S)/s.exec(this.#files?.stat.read() ?? '')?.[1];
    if (state === 'T') return 'its process 1 was stopped by a signal';
    // __refrigerator with version 1 of control groups, do_freezer_trap with version 2.
    const frozen = /refrigerator|freezer/.test(wchan);
    return frozen ? 'its processes were frozen' : undefined;
  }

  [Symbol.dispose](): void {
    this.#files?.stat[Symbol.dispose]();
    this.#files?.wchan[Symbol.dispose]();
  }
}
