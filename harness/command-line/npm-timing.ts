import { readFileSync } from 'node:fs';
import { clockMs, processStartMs, type Timing } from '../result/timings.ts';

/** proc(5), /proc/pid/stat: USER_HZ is 100 on every architecture that Linux has today. */
const TICK_MS = 10;
/** npm, its shell, this process. */
const GENERATIONS_MAX = 4;

/** How long npm took to start this process; nothing where it did not. */
export function npmTiming(): readonly Timing[] {
  if (!process.env.npm_lifecycle_event) return [];
  try {
    let startMs: number | undefined;
    for (let pid = process.ppid, n = 0; n < GENERATIONS_MAX && pid > 1; n++) {
      // The program's name may hold anything: fields are counted from the last parenthesis.
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
      if (/^npm /.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' '))) {
        startMs = Number(fields[19]) * TICK_MS;
        break;
      }
      pid = Number(fields[1]);
    }
    if (startMs === undefined) return [];
    // Both count from the boot, and only one of them a machine's sleep.
    const uptimeMs = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000;
    const ms = processStartMs() - (clockMs() - (uptimeMs - startMs));
    return [{ part: 'npm', ms: Math.max(0, ms) }];
  } catch {
    // Not Linux, or a /proc of others.
    return [];
  }
}
