import type { Writable } from 'node:stream';

const GATHER_MS = 50;

/** Writes a line; what comes within one moment goes together, as each write costs more than what it writes. */
export function writeGathered(output: Writable, line: string): void {
  if (!output.writable) return;
  if (output.writableCorked === 0) {
    output.cork();
    setTimeout(() => output.uncork(), GATHER_MS);
  }
  output.write(`${line}\n`);
}
