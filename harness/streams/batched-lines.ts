import type { Writable } from 'node:stream';

/** A line that somebody may wait for. */
const SOON_MS = 50;
/** One that tells what happened, and for which nobody waits. */
export const LATER_MS = 250;
/** What waits to be written. */
const gathering = new Set<Writable>();
let next: { readonly dueMs: number; readonly timer: NodeJS.Timeout } | undefined;

/**
 * Writes a line; what comes within a while goes together, as each write costs more than what it writes. All outputs
 * are written at the same moment: those that share a connection share its write too.
 *
 * @param withinMs how long it may wait for others; it goes with those that may not
 */
export function writeGathered(output: Writable, line: string, withinMs = SOON_MS): void {
  if (!output.writable) return;
  if (!gathering.has(output)) {
    gathering.add(output);
    output.cork();
  }
  output.write(`${line}\n`);
  const dueMs = performance.now() + withinMs;
  if (next && next.dueMs <= dueMs) return;
  clearTimeout(next?.timer);
  next = { dueMs, timer: setTimeout(writeAll, withinMs) };
}

function writeAll(): void {
  next = undefined;
  for (const output of gathering) output.uncork();
  gathering.clear();
}
