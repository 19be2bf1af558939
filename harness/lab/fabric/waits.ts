import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Observation } from '../../observations/observation.ts';
import { LATER_MS, writeGathered } from '../../streams/batched-lines.ts';
import { every } from './beat.ts';
import type { RealtimeClock } from './clock.ts';
import { FoundProcesses, type Named, type Place } from './found-processes.ts';
import { KernelWaits } from './kernel-waits.ts';
import { ProcFile, USER_TICK_MS } from './proc-file.ts';

const TICK_MS = 50;
/** A tree of processes changes rarely: at a reload, a restart, a failover. */
const LOOK_AGAIN_TICKS = 4;
/** Between two looks whether somebody waits in the kernel: a promotion takes a millisecond. */
const KERNEL_TICK_MS = 10;
/** Shorter waits in a tick are the scheduler's everyday work, ms. */
export const WAIT_MIN_MS = 5;
/** That the witness is there, and what all have waited so far: a run may watch for four seconds only. */
const SUMMARY_TICKS = 20;

/**
 * Watches how long processes are ready to run and get no processor: those of the amphorae that fail over and serve,
 * and those that measure. Notable waits between two looks are written as a line of JSON, and now and then the sum
 * of all waits since the beginning. So is how long keepalived, HAProxy or the back ends waited for the kernel's network
 * lock or for the disk: then they were not even ready to run. Ends when `output` is closed.
 *
 * @param places where to look for processes, asked again each time: amphorae come, go, and boot again
 */
export function watchWaits(places: () => readonly Place[], clock: RealtimeClock, output: Writable): void {
  const found = new FoundProcesses();
  const totals = new Map<string, number>();
  const startedNs = clock.nowNs();
  let lookedNs = startedNs;
  let tick = 0;
  const machine = new ProcFile('/proc/stat');
  let stolen = { ms: stolenMs(machine), atNs: startedNs };
  const write = (observation: Observation) => writeGathered(output, JSON.stringify(observation), LATER_MS);

  let serving: readonly Named[] = [];

  const look = () => {
    if (tick % LOOK_AGAIN_TICKS === 0) {
      found.lookAgain(places());
      serving = found.serving();
      const now = { ms: stolenMs(machine), atNs: clock.nowNs() };
      // The host ran something else while this machine had work: the next process waited.
      if (now.ms > stolen.ms) {
        write({
          ...{ kind: 'processor', atNs: String(stolen.atNs), untilNs: String(now.atNs) },
          ...{ node: 'machine', process: 'host', waitedMs: now.ms - stolen.ms },
        });
      }
      stolen = now;
    }
    const nowNs = clock.nowNs();
    const window = { atNs: String(lookedNs), untilNs: String(nowNs) };
    for (const { node, process, waitedMs } of found.waited()) {
      const name = `${process} of ${node}`;
      totals.set(name, (totals.get(name) ?? 0) + waitedMs);
      if (waitedMs >= WAIT_MIN_MS) {
        write({ kind: 'processor', ...window, node, process, waitedMs: rounded(waitedMs) });
      }
    }
    if (tick % SUMMARY_TICKS === 0) {
      write({
        kind: 'processor watch',
        atNs: String(startedNs),
        untilNs: String(nowNs),
        waitedMs: Object.fromEntries([...totals].map(([name, ms]) => [name, rounded(ms)])),
        ...pressure(),
      });
    }
    lookedNs = nowNs;
    tick++;
  };
  look();
  const beats = every(TICK_MS, look);
  const kernel = new KernelWaits(startedNs);
  const kernelBeats = every(KERNEL_TICK_MS, () => {
    for (const { node, process, atNs, untilNs, waitedMs, cause, request } of kernel.look(
      serving,
      clock.nowNs(),
    )) {
      write({
        ...{ kind: 'processor', atNs: String(atNs), untilNs: String(untilNs), node, process },
        ...{ waitedMs: rounded(waitedMs), [cause]: request },
      });
    }
  });
  output.once('close', () => {
    beats[Symbol.dispose]();
    kernelBeats[Symbol.dispose]();
    kernel[Symbol.dispose]();
    machine[Symbol.dispose]();
    found[Symbol.dispose]();
  });
}

/** Steal time of all processors together since the boot, ms (proc(5), the eighth figure of /proc/stat's first line). */
function stolenMs(machine: ProcFile): number {
  const [line = ''] = machine.read()?.split('\n', 1) ?? [];
  return Number(line.trim().split(/\s+/)[8] ?? 0) * USER_TICK_MS;
}

/** Share of the last ten seconds in which somebody waited for a processor; none where the kernel does not tell. */
function pressure(): { readonly pressure?: number } {
  try {
    const some = /^some avg10=([\d.]+)/m.exec(readFileSync('/proc/pressure/cpu', 'latin1'))?.[1];
    return some === undefined ? {} : { pressure: Number(some) / 100 };
  } catch {
    // Before Linux 4.20, or booted with psi=0.
    return {};
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
