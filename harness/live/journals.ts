import { join } from 'node:path';
import { type JournalLine, readJournalLine } from '../observations/journal-line.ts';
import { Tail } from './tail.ts';

/** The lines of a journal's text. */
export function linesOf(node: string, text: string): readonly JournalLine[] {
  return text.split('\n').flatMap((line) => readJournalLine(node, line) ?? []);
}

/** Reads journals while observers write them. */
export class JournalTails {
  readonly #folder: string;
  readonly #read = new Map<string, { readonly tail: Tail; readonly lines: string[] }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The whole text by node, as far as it has been read. */
  get texts(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#read].map(([node, { lines }]) => [node, lines.join('\n')]));
  }

  /**
   * The lines that were added since the last time.
   *
   * @param files in the folder, by node
   */
  async more(files: Readonly<Record<string, string>>): Promise<readonly JournalLine[]> {
    const added = await Promise.all(Object.entries(files).map(([node, file]) => this.#moreOf(node, file)));
    return added.flat();
  }

  async #moreOf(node: string, file: string): Promise<readonly JournalLine[]> {
    const read = this.#read.get(node) ?? { tail: new Tail(join(this.#folder, file)), lines: [] };
    this.#read.set(node, read);
    const lines = await read.tail.more();
    read.lines.push(...lines);
    return lines.flatMap((line) => readJournalLine(node, line) ?? []);
  }
}
