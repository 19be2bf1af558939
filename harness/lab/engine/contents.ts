import { readFileSync } from 'node:fs';

/** The text of a file; undefined where it cannot be read: what /proc and control groups show may go at any moment. */
export function contentsOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
