import { dirname } from 'node:path/posix';
import type { Comment, Include, Place, SourceFile } from './statement.ts';

/** A line without comment, its definitions replaced. */
export interface Line extends Place {
  readonly text: string;
}

/** Definitions that name each other in a circle end here. */
const REPLACEMENTS_MAX = 100;
const INCLUDES_MAX = 100;
const DEFINITION = /^\$([A-Za-z_]\w*)=(.*)$/s;

/** What keepalived takes for a space: other characters that look like one are part of a word (lib/parser.c). */
export const BLANK = ' \\t\\f\\v\\r\\n';
const AROUND = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, 'g');

export function trimmed(text: string): string {
  return text.replace(AROUND, '');
}

/**
 * Reads lines as keepalived's read_line() does: without comments, conditional lines decided, definitions replaced,
 * includes followed.
 */
export class LineReader {
  readonly comments: Comment[] = [];
  readonly unknown: Place[] = [];
  private readonly definitions = new Map<string, string>();
  private readonly include: Include;
  private readonly identifier: string | undefined;

  /** @param identifier which conditional lines apply; undefined where that is not known */
  constructor(include: Include, identifier?: string) {
    this.include = include;
    this.identifier = identifier;
  }

  /** The lines of a file and of those that it includes. */
  *lines(source: SourceFile, depth = 0): Generator<Line> {
    let continued: { readonly name: string; value: string } | undefined;
    for (const [n, written] of source.text.split(/\r?\n/).entries()) {
      const place = { file: source.file, line: n + 1 };
      const { text: code, comment } = withoutComment(written);
      if (comment !== undefined) this.comments.push({ ...place, text: comment });
      const text = continued ? code : this.applying(code, place);
      if (continued) {
        const { value, more } = continuedBy(text);
        continued.value += `\n${value}`;
        this.definitions.set(continued.name, continued.value);
        if (!more) continued = undefined;
        continue;
      }
      const definition = DEFINITION.exec(text);
      if (definition) {
        const { value, more } = continuedBy(definition[2] ?? '');
        const name = definition[1] ?? '';
        this.definitions.set(name, value);
        if (more) continued = { name, value };
        continue;
      }
      yield* this.plain(text, place, source, depth);
    }
  }

  private *plain(text: string, place: Place, source: SourceFile, depth: number): Generator<Line> {
    for (const part of this.replaced(text, source.file).split('\n')) {
      const line = this.applying(trimmed(part), place);
      if (line === '') continue;
      if (/^~(SEQx?|LST)\(/.test(line)) {
        this.unknown.push(place);
        continue;
      }
      const [, pattern] = /^include[rmwba]?\s+"?([^"]+?)"?$/.exec(line) ?? [];
      if (pattern === undefined) yield { ...place, text: line };
      else if (depth < INCLUDES_MAX)
        for (const file of this.include(pattern, source.file)) yield* this.lines(file, depth + 1);
    }
  }

  /** What a conditional line says: nothing where it is for another identifier. */
  private applying(line: string, place: Place): string {
    const [, reversed, wanted, rest = ''] = /^@(\^?)([^ \t]*)[ \t]*(.*)$/s.exec(line) ?? [];
    if (reversed === undefined) return line;
    if (this.identifier === undefined) this.unknown.push(place);
    return (wanted === this.identifier) !== (reversed === '^') ? rest : '';
  }

  /** `$NAME` before a space, or `${NAME}`, is replaced until nothing changes; an unknown name stays. */
  private replaced(text: string, file: string): string {
    const before = text.replace(/\$\{_PWD\}/g, `/${dirname(file).split('/').slice(1).join('/')}`);
    let now = before;
    for (let n = 0; n < REPLACEMENTS_MAX; n++) {
      const next = now.replace(
        /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*)(?=\s|$))/g,
        (written, braced?: string, bare?: string) => this.definitions.get(braced ?? bare ?? '') ?? written,
      );
      if (next === now) break;
      now = next;
    }
    return now;
  }
}

function continuedBy(text: string): { readonly value: string; readonly more: boolean } {
  return { value: trimmed(text.replace(/\s*\\$/, '')), more: text.endsWith('\\') };
}

/** A comment begins with # or ! outside of double quotes; a backslash takes that meaning from them. */
function withoutComment(line: string): { readonly text: string; readonly comment?: string } {
  const [code = ''] = /^(?:"(?:\\.|[^"\\])*(?:"|\\?$)|\\.|\\$|[^#!"\\])*/.exec(line) ?? [];
  const text = trimmed(
    code.replace(/"(?:\\.|[^"\\])*"?|\\([#!])/g, (found, escaped?: string) => escaped ?? found),
  );
  return code.length === line.length ? { text } : { text, comment: line.slice(code.length + 1).trim() };
}
