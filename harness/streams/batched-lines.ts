import type { Writable } from 'node:stream';

const GATHER_MS = 50;
/** What waits to be written. */
const gathering = new Set<Writable>();

/**
 * Writes a line; what comes within one moment goes together, as each write costs more than what it writes. All outputs
 * are written at the same moment: those that share a connection share its write too.
 */
export function writeGathered(output: Writable, line: string): void {
  if (!output.writable) return;
  if (!gathering.has(output)) {
    if (gathering.size === 0) setTimeout(writeAll, GATHER_MS);
    gathering.add(output);
    output.cork();
  }
  output.write(`${line}\n`);
}

function writeAll(): void {
  for (const output of gathering) output.uncork();
  gathering.clear();
}
