import { z } from 'zod';
import { type Entry, entrySchema } from './entry.ts';
import { UnreadableHistory } from './unreadable.ts';

/** One entry a line: readable by anything, and good to append, to split and to compare. */
export function toJsonLines(entries: readonly Entry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/**
 * @param source the name that an error gives
 * @throws UnreadableHistory with the number of the first line that is no entry
 */
export function fromJsonLines(text: string, source: string): readonly Entry[] {
  return text.split('\n').flatMap((line, n) => {
    if (line.trim() === '') return [];
    try {
      return [entrySchema.parse(JSON.parse(line))];
    } catch (cause) {
      const problem =
        cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : (cause as Error).message;
      throw new UnreadableHistory(`${source}, line ${n + 1}: ${problem}. Nothing was imported.`, { cause });
    }
  });
}
