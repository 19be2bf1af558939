import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { USER_TICK_MS } from '../../lab/fabric/proc-file.ts';

/** What the whole machine did meanwhile: all programs, the kernel, but not this process. */
export interface MachineUsed {
  /** Processor time of all of them together. */
  readonly busyMs: number;
  readonly wallMs: number;
  readonly cpus: number;
  /** Share of the time in which something waited for a resource, 0 to 1; absent where the kernel does not tell. */
  readonly waited: Readonly<Partial<Record<Resource, number>>>;
}

/** Resources that run out (Documentation/accounting/psi.rst). */
const RESOURCES = { cpu: 'a processor', io: 'a disk', memory: 'memory' } as const;
type Resource = keyof typeof RESOURCES;
const NAMES = Object.keys(RESOURCES) as readonly Resource[];

/** Begins to measure; the function that it returns tells what was used since. */
export function watchMachine(): () => MachineUsed {
  const [busyMs, startMs, own] = [machineBusyMs(), performance.now(), process.cpuUsage()];
  const waitedUs = NAMES.map(waited);
  return () => {
    const wallMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(own);
    const shares = NAMES.flatMap((name, n) => {
      const [before, now] = [waitedUs[n], waited(name)];
      return before === undefined || now === undefined ? [] : [[name, (now - before) / 1000 / wallMs]];
    });
    return {
      ...{ busyMs: machineBusyMs() - busyMs - (user + system) / 1000, wallMs, cpus: availableParallelism() },
      waited: Object.fromEntries(shares),
    };
  };
}

/** What was scarce, in words; the sum says how busy the processors were. */
export function scarceWords(used: readonly MachineUsed[]): string {
  const wallMs = sum(used, (each) => each.wallMs);
  const couldMs = sum(used, (each) => each.wallMs * each.cpus);
  const shares = NAMES.map((name) => {
    const share = sum(used, ({ waited, wallMs: ms }) => (waited[name] ?? 0) * ms) / wallMs;
    return `for ${RESOURCES[name]} ${percent(share)}`;
  });
  return `the processors were ${percent(sum(used, ({ busyMs }) => busyMs) / couldMs)} busy; something waited ${shares.join(', ')} of the time`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function sum<T>(of: readonly T[], value: (each: T) => number): number {
  return of.reduce((total, each) => total + value(each), 0);
}

/** proc(5), the first line of /proc/stat: user (with guests), nice, system, idle, iowait, irq, softirq. */
function machineBusyMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) * USER_TICK_MS;
}

/** µs since the boot. */
function waited(resource: Resource): number | undefined {
  try {
    const total = /^some .*total=(\d+)/m.exec(readFileSync(`/proc/pressure/${resource}`, 'latin1'))?.[1];
    return total === undefined ? undefined : Number(total);
  } catch {
    return undefined;
  }
}
