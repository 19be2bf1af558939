import type { HaproxyConfiguration } from '../../syntax/haproxy.ts';
import type { Place, Statement } from '../../syntax/statement.ts';
import { rule } from '../rule.ts';

/** What looks like a space or a quote, or like nothing, and is part of a word. */
const FOREIGN: Readonly<Record<string, string>> = {
  '\uFEFF': 'a byte order mark',
  '\u00A0': 'a no-break space',
  '\u202F': 'a narrow no-break space',
  '\u3000': 'an ideographic space',
  '\u200B': 'a zero-width space',
  '\u201C': 'a typographic quote',
  '\u201D': 'a typographic quote',
  '\u2018': 'a typographic quote',
  '\u2019': 'a typographic quote',
  '\uFF5B': 'a full-width brace',
  '\uFF5D': 'a full-width brace',
};
const ANY = new RegExp(`[${Object.keys(FOREIGN).join('')}]`);

export default rule({
  severity: 'error',
  title: 'A character looks like a space or a quote, and is none.',

  check: ({ nodes }) =>
    nodes.flatMap(({ statements, haproxy }) =>
      [...statements.flatMap(outsideQuotes), ...(haproxy ? linesOf(haproxy) : [])].flatMap(
        ({ file, line, text, daemon }) => {
          const [found] = ANY.exec(text) ?? [];
          if (found === undefined) return [];
          return [
            {
              ...{ file, line },
              message: `There is ${FOREIGN[found]} in "${text.replaceAll('\uFEFF', '')}": ${daemon} takes it for part of a word, and does not know that word.`,
              advice:
                found === '\uFEFF'
                  ? 'Save the file as UTF-8 without a byte order mark.'
                  : 'Type the line anew.',
            },
          ];
        },
      ),
    ),
});

interface Line extends Place {
  readonly text: string;
  readonly daemon: 'keepalived' | 'HAProxy';
}

/** Inside quotes every character is text, except where a command stands. */
function outsideQuotes({ text, block = [], file, line }: Statement): readonly Line[] {
  const bare = /^(script|notify)/.test(text) ? text : text.replace(/"[^"]*"?/g, '');
  return [{ file, line, text: bare, daemon: 'keepalived' }, ...block.flatMap(outsideQuotes)];
}

function linesOf({ sections, outside }: HaproxyConfiguration): readonly Line[] {
  const all = [...outside, ...sections.flatMap((section) => [section, ...section.lines])];
  return all.map(({ file, line, words }) => ({ file, line, text: words.join(' '), daemon: 'HAProxy' }));
}
