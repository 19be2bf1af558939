import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Observation } from '../observe/observation.ts';
import type { RealtimeClock } from './clock.ts';
import type { StallsRequest } from './protocol.ts';

const TICK_MS = 50;
/** Shorter ones are the scheduler's everyday work. */
const STALL_MIN_MS = 150;

/**
 * Looks every 50 ms whether a process is frozen or stopped, whether this one is late in doing so, and whether the
 * wall clock was stepped; each stall is written as a line of JSON once it is over. Ends when `output` is closed.
 */
export function watchStalls({ processes }: StallsRequest, clock: RealtimeClock, output: Writable): void {
  const since = new Map<string, { atNs: bigint; detail: string }>();
  const write = (observation: Observation) => {
    if (output.writable) output.write(`${JSON.stringify(observation)}\n`);
  };
  const tell = (node: string, atNs: bigint, untilNs: bigint, detail: string) => {
    if (untilNs - atNs < BigInt(STALL_MIN_MS) * 1_000_000n) return;
    write({ kind: 'stall', node, atNs: String(atNs), untilNs: String(untilNs), detail });
  };
  clock.follow();
  let dueNs = clock.nowNs();
  const timer = setInterval(() => {
    const steppedNs = clock.steppedNs();
    if (steppedNs !== 0n) {
      write({ kind: 'clock step', atNs: String(clock.nowNs()), byMs: Number(steppedNs) / 1e6 });
    }
    const nowNs = clock.nowNs();
    tell('fabric', dueNs, nowNs, 'its clock ticked late');
    dueNs = nowNs + BigInt(TICK_MS) * 1_000_000n;
    for (const [node, pid] of Object.entries(processes)) {
      const detail = heldUp(pid);
      const begun = since.get(node);
      if (detail && !begun) since.set(node, { atNs: nowNs, detail });
      if (detail || !begun) continue;
      since.delete(node);
      tell(node, begun.atNs, nowNs, begun.detail);
    }
  }, TICK_MS);
  output.once('close', () => clearInterval(timer));
}

/** What holds a process up, if anything; undefined too when it is gone. */
function heldUp(pid: number): string | undefined {
  try {
    const state = /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (state === 'T') return 'its process 1 was stopped by a signal';
    // __refrigerator with version 1 of control groups, do_freezer_trap with version 2.
    if (/refrigerator|freezer/.test(readFileSync(`/proc/${pid}/wchan`, 'utf8'))) {
      return 'its processes were frozen';
    }
  } catch {
    // Gone.
  }
  return undefined;
}
