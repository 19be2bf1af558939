import { readdirSync, readFileSync } from 'node:fs';
import type { Load } from './protocol.ts';

/** proc(5), /proc/pid/stat: USER_HZ is 100 on every architecture that Linux has today. */
const TICK_MS = 10;

/** Processor time of this process and of its children that run, ms. */
export function load(): Load {
  const own = process.cpuUsage();
  let cpuMs = (own.user + own.system) / 1000;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      // The program's name may hold anything: fields are counted from the last parenthesis.
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      if (Number(stat[1]) === process.pid) cpuMs += (Number(stat[11]) + Number(stat[12])) * TICK_MS;
    } catch {
      // It has ended meanwhile.
    }
  }
  return { cpuMs };
}
