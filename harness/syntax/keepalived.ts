import { BLANK, type Line, LineReader, trimmed } from './keepalived-lines.ts';
import {
  type Comment,
  type Include,
  type Place,
  type SourceFile,
  type Statement,
  UnreadableConfiguration,
} from './statement.ts';

/** What keepalived.conf says, with the file and line of each statement. */
export interface KeepalivedConfiguration {
  readonly statements: readonly Statement[];
  readonly comments: readonly Comment[];
  /** Lines whose meaning depends on how keepalived is started (`@id`), or that are repeated (`~SEQ`, `~LST`). */
  readonly unknown: readonly Place[];
}

interface Open extends Statement {
  readonly block: Statement[];
}

/**
 * Reads keepalived.conf as keepalived's lib/parser.c does: comments, quotes, definitions, includes, and braces
 * anywhere in a line.
 *
 * @param identifier the machine's, by which conditional lines apply; where it is not known, none is taken to match
 * @throws UnreadableConfiguration where a brace is missing
 */
export function readKeepalived(
  source: SourceFile,
  include: Include = () => [],
  identifier?: string,
): KeepalivedConfiguration {
  const reader = new LineReader(include, identifier);
  const statements: Statement[] = [];
  const open: Open[] = [];
  for (const line of reader.lines(source)) {
    const level = () => open.at(-1)?.block ?? statements;
    for (const piece of piecesOf(line.text)) {
      if (piece === '{') open.push(openLast(level(), line));
      else if (piece === '}') {
        if (!open.pop())
          throw new UnreadableConfiguration(placeOf(line), 'this closing brace closes no block.');
      } else level().push({ ...placeOf(line), words: wordsOf(piece), text: piece });
    }
  }
  const left = open.at(-1);
  if (left)
    throw new UnreadableConfiguration(left, `the block "${left.words.join(' ')}" has no closing brace.`);
  return { statements, comments: reader.comments, unknown: reader.unknown };
}

/** The lines that count, without comments, with definitions replaced and what is included in its place. */
export function wholeText(source: SourceFile, include: Include, identifier?: string): string {
  return [...new LineReader(include, identifier).lines(source)].map(({ text }) => `${text}\n`).join('');
}

/** Gives the statement before a brace its block. */
function openLast(level: Statement[], line: Line): Open {
  const title = level.pop();
  if (!title || title.block)
    throw new UnreadableConfiguration(placeOf(line), 'this opening brace follows no keyword.');
  const opened: Open = { ...title, block: [] };
  level.push(opened);
  return opened;
}

function placeOf({ file, line }: Line): Place {
  return { file, line };
}

const WORD = new RegExp(`"([^"]*)"?|[^${BLANK}"]+`, 'g');

/** A line's statements and braces; a brace inside double quotes or in `${NAME}` is text. */
function piecesOf(text: string): readonly string[] {
  const pieces = text.match(/(?:"[^"]*"?|\$\{[^}\s]*\}|[^{}"])+|[{}]/g) ?? [];
  return pieces.map(trimmed).filter((piece) => piece !== '');
}

/** Words are parted by spaces; double quotes keep one together. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(WORD)].map(([word, quoted]) => quoted ?? word);
}

const COMMAND_WORD = new RegExp(
  `(?:"(?:\\\\.|[^"\\\\])*"?|'(?:\\\\.|[^'\\\\])*'?|\\\\.|[^${BLANK}"'\\\\])+`,
  'g',
);

/**
 * The words of a script's command line: keepalived starts it without a shell. Spaces part words, and both kinds of
 * quotes keep one together (alloc_strvec_quoted_escaped() of lib/parser.c).
 */
export function commandWords(command: string): readonly string[] {
  const unescaped = (text: string) => text.replace(/\\(.)/g, '$1');
  const words = command.matchAll(COMMAND_WORD);
  return [...words].map(([word]) =>
    word.replace(
      /"((?:\\.|[^"\\])*)"?|'((?:\\.|[^'\\])*)'?|((?:\\.|[^"'\\])+)/g,
      (_, double?: string, single?: string, bare?: string) => unescaped(double ?? single ?? bare ?? ''),
    ),
  );
}

/** What follows the keyword of a `script` or `notify` statement: the command line, with the quotes inside it, and more words. */
export function commandLine({ text }: Statement): readonly string[] {
  return commandWords(text).slice(1);
}
