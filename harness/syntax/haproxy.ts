import type { Comment, Place, SourceFile } from './statement.ts';

/** A section of haproxy.cfg, such as `frontend web`. */
export interface Section extends Place {
  /** Its kind, its name and what follows. */
  readonly words: readonly string[];
  readonly lines: readonly Directive[];
}

/** A line of a section. */
export interface Directive extends Place {
  readonly words: readonly string[];
}

export interface HaproxyConfiguration {
  readonly sections: readonly Section[];
  /** Lines before the first section: HAProxy knows none of them. */
  readonly outside: readonly Directive[];
  readonly comments: readonly Comment[];
}

/** The keywords that begin a section (HAProxy's Configuration Manual). */
const SECTIONS = new Set([
  ...['global', 'defaults', 'frontend', 'backend', 'listen', 'peers', 'resolvers', 'mailers', 'userlist'],
  ...['cache', 'program', 'ring', 'http-errors', 'fcgi-app', 'log-forward', 'log-profile', 'crt-store'],
  ...['traces', 'acme', 'healthcheck'],
]);

/** Reads haproxy.cfg by sections, with the line of each. */
export function readHaproxy({ file, text }: SourceFile): HaproxyConfiguration {
  const sections: (Section & { readonly lines: Directive[] })[] = [];
  const outside: Directive[] = [];
  const comments: Comment[] = [];
  for (const [n, written] of text.split(/\r?\n/).entries()) {
    const place = { file, line: n + 1 };
    const { words, comment } = wordsOf(written);
    if (comment !== undefined) comments.push({ ...place, text: comment });
    if (words[0] === undefined) continue;
    if (SECTIONS.has(words[0])) sections.push({ ...place, words, lines: [] });
    else (sections.at(-1)?.lines ?? outside).push({ ...place, words });
  }
  return { sections, outside, comments };
}

/** Quotes and backslashes as the Configuration Manual has them, section 2.2. */
function wordsOf(line: string): { readonly words: readonly string[]; readonly comment?: string } {
  const words: string[] = [];
  for (const match of line.matchAll(/#.*$|(?:"(?:\\.|[^"\\])*"?|'[^']*'?|\\.|[^ \t\r"'\\#])+/g)) {
    const [word] = match;
    if (word.startsWith('#')) return { words, comment: word.slice(1).trim() };
    words.push(
      word.replace(/'([^']*)'?|\\(.)|"/g, (_, kept?: string, escaped?: string) => kept ?? escaped ?? ''),
    );
  }
  return { words };
}
