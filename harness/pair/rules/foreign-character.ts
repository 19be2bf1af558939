import type { HaproxyConfiguration } from '../../syntax/haproxy.ts';
import type { Place, Statement } from '../../syntax/statement.ts';
import { type Found, rule } from '../rule.ts';

/** What looks like a space or a quote, or like nothing, and is part of a word. */
const FOREIGN: Readonly<Record<string, string>> = {
  '\0': 'a NUL, as in UTF-16,',
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
    nodes.flatMap(({ statements, haproxy }) => {
      const lines = [...statements.flatMap(outsideQuotes), ...(haproxy ? linesOf(haproxy) : [])];
      const found = lines.flatMap((line) => {
        const [character] = ANY.exec(line.text) ?? [];
        return character === undefined ? [] : [{ ...line, character }];
      });
      // A page that was copied has them in every line.
      const groups = Map.groupBy(found, ({ file, character }) => `${file} ${character}`);
      return [...groups.values()].flatMap(([first, ...others]) =>
        first ? [said(first, others.length)] : [],
      );
    }),
});

function said(
  { file, line, text, daemon, character }: Line & { readonly character: string },
  more: number,
): Found {
  const shown = text.replaceAll(/[\uFEFF\0]/g, '');
  const others =
    more > 0 ? `, and ${more === 1 ? 'another line has one' : `${more} more lines have some`}` : '';
  return {
    ...{ file, line },
    message: `There is ${FOREIGN[character]} in "${shown}"${others}: ${daemon} takes it for part of a word, and does not know that word.`,
    advice: /[\uFEFF\0]/.test(character)
      ? 'Save the file as UTF-8 without a byte order mark.'
      : 'Type what stands there anew.',
  };
}

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
