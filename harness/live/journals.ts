import { join } from 'node:path';
import { type JournalLine, readJournalLine } from '../observations/journal-line.ts';
import { Tail } from './tail.ts';

/** The lines of a journal's text. */
export function linesOf(node: string, text: string): readonly JournalLine[] {
  return text.split('\n').flatMap((line) => readJournalLine(node, line) ?? []);
}

/** Keeps this many of a node, at least: HAProxy logs a hundred requests a second. */
const LINES_MAX = 50_000;

/** The part of a journal from an instant on. */
export function journalSince(text: string, fromNs: bigint): string {
  const fromS = Number(fromNs / 1_000_000n) / 1000;
  return text
    .split('\n')
    .filter((line) => Number.parseFloat(line) >= fromS)
    .join('\n');
}

/** Reads journals while observers write them. */
export class JournalTails {
  readonly #folder: string;
  readonly #read = new Map<string, { readonly tail: Tail; readonly lines: string[] }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The text by node, as far as it has been read, without what is too old to matter. */
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
    for (const line of lines) read.lines.push(line);
    if (read.lines.length > 2 * LINES_MAX) read.lines.splice(0, read.lines.length - LINES_MAX);
    return lines.flatMap((line) => readJournalLine(node, line) ?? []);
  }
}
