/** Where something stands: a file's path as it is shown, and a line from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A configuration file's path and text. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** Finds the files of an `include`: the pattern as written, and the file that it stands in. */
export type Include = (pattern: string, from: string) => readonly SourceFile[];

/** A statement of keepalived.conf, with the block that follows it. */
export interface Statement extends Place {
  /** Its words without quotes; the first is the keyword. */
  readonly words: readonly string[];
  /** The line without comment, quotes kept: scripts split theirs by other rules. */
  readonly text: string;
  readonly block?: readonly Statement[];
}

/** A comment, without its sign. */
export interface Comment extends Place {
  readonly text: string;
}

/** A file cannot be read as a configuration. */
export class UnreadableConfiguration extends Error {
  override readonly name = 'UnreadableConfiguration';
  readonly place: Place;

  constructor(place: Place, what: string) {
    super(`${place.file}:${place.line}: ${what}`);
    this.place = place;
  }
}

/** The last statement with a keyword in a block: keepalived lets a later one replace an earlier one. */
export function last(block: readonly Statement[] | undefined, keyword: string): Statement | undefined {
  return block?.findLast(({ words }) => words[0] === keyword);
}

/** All statements with a keyword in a block. */
export function each(block: readonly Statement[] | undefined, keyword: string): readonly Statement[] {
  return block?.filter(({ words }) => words[0] === keyword) ?? [];
}

/** The statements inside the blocks of a keyword. */
export function within(block: readonly Statement[] | undefined, keyword: string): readonly Statement[] {
  return each(block, keyword).flatMap((statement) => statement.block ?? []);
}
