import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type JournalLine, readJournalLine } from '../observations/journal-line.ts';

/** The lines of a journal's text. */
export function linesOf(node: string, text: string): readonly JournalLine[] {
  return text.split('\n').flatMap((line) => readJournalLine(node, line) ?? []);
}

/** Reads journals while observers write them. */
export class JournalTails {
  readonly #folder: string;
  readonly #read = new Map<string, { position: number; text: string; begun: string }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The whole text by node, as far as it has been read. */
  get texts(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#read].map(([node, { text }]) => [node, text]));
  }

  /**
   * The lines that were added since the last time.
   *
   * @param files in the folder, by node
   */
  async more(files: Readonly<Record<string, string>>): Promise<readonly JournalLine[]> {
    const lines = await Promise.all(Object.entries(files).map(([node, file]) => this.#moreOf(node, file)));
    return lines.flat();
  }

  async #moreOf(node: string, name: string): Promise<readonly JournalLine[]> {
    const read = this.#read.get(node) ?? { position: 0, text: '', begun: '' };
    this.#read.set(node, read);
    const file = await open(join(this.#folder, name)).catch(() => undefined);
    if (!file) return [];
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(Math.max(0, size - read.position));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, read.position);
      read.position += bytesRead;
      const added = buffer.toString('utf8', 0, bytesRead);
      read.text += added;
      const lines = (read.begun + added).split('\n');
      // The last one may not be whole yet.
      read.begun = lines.pop() ?? '';
      return lines.flatMap((line) => readJournalLine(node, line) ?? []);
    } finally {
      await file.close();
    }
  }
}
