import { join } from 'node:path';
import { contentsOf } from '../../lab/engine/contents.ts';

/**
 * What control groups have used, over all their lives: a container that boots again has new ones at the same place, which
 * begin at zero.
 */
export class GroupTime {
  readonly #lives = new Map<string, { readonly beforeMs: number; readonly nowMs: number }>();

  /** @param usedMs what a group at this place says that it has used */
  look(path: string, usedMs: number): void {
    const { beforeMs, nowMs } = this.#lives.get(path) ?? { beforeMs: 0, nowMs: 0 };
    this.#lives.set(path, { beforeMs: usedMs < nowMs ? beforeMs + nowMs : beforeMs, nowMs: usedMs });
  }

  /** The most that one place has used, ms: several hierarchies may count the same. */
  get totalMs(): number {
    return Math.max(0, ...[...this.#lives.values()].map(({ beforeMs, nowMs }) => beforeMs + nowMs));
  }
}

/**
 * What a control group has used, ms; undefined where it is gone, or counts no time. Version 1 has cpuacct.usage in ns, version 2
 * cpu.stat.
 */
export function usedBy(path: string): number | undefined {
  const nanoseconds = contentsOf(join(path, 'cpuacct.usage'));
  if (nanoseconds !== undefined) return Number(nanoseconds) / 1e6;
  const microseconds = /^usage_usec (\d+)/m.exec(contentsOf(join(path, 'cpu.stat')) ?? '')?.[1];
  return microseconds === undefined ? undefined : Number(microseconds) / 1000;
}
