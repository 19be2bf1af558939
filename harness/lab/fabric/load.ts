import { readdirSync, readFileSync } from 'node:fs';
import type { Load } from './protocol.ts';

/** proc(5), /proc/pid/stat: USER_HZ is 100 on every architecture that Linux has today. */
const TICK_MS = 10;

/** Processor time of this process and of all that descend from it and run, ms. */
export function load(): Load {
  const own = process.cpuUsage();
  let cpuMs = (own.user + own.system) / 1000;
  const running = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => processOf(Number(entry)) ?? []);
  const ours = new Set([process.pid]);
  // Children have their parents' numbers, which are lower but where numbers have begun anew.
  for (const { pid, parent, usedMs } of running.sort((a, b) => a.pid - b.pid)) {
    if (!ours.has(parent)) continue;
    ours.add(pid);
    cpuMs += usedMs;
  }
  return { cpuMs };
}

function processOf(pid: number): { pid: number; parent: number; usedMs: number } | undefined {
  try {
    // The program's name may hold anything: fields are counted from the last parenthesis.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { pid, parent: Number(stat[1]), usedMs: (Number(stat[11]) + Number(stat[12])) * TICK_MS };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
