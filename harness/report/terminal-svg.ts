import { stripVTControlCharacters } from 'node:util';
import { wrapped } from './terminal-text.ts';

const COLUMNS = 92;
const CELL = { width: 7.8, height: 17 } as const;
const MARGIN = 16;
/** Above the text: the bar with the title. */
const BAR = 30;
const BACKGROUND = '#14171f';
const FOREGROUND = '#d7dae0';
/** What the codes of SGR look like (ECMA-48, 8.3.117); 22 and 39 end them. */
const STYLES: Readonly<Record<string, string>> = {
  1: 'font-weight="bold"',
  2: 'opacity="0.6"',
  31: 'fill="#ff7b72"',
  32: 'fill="#5fd38d"',
  33: 'fill="#f2cc60"',
};

/** A terminal as a picture: the command that was typed, and what it printed, with its colours. */
export function terminalSvg(command: string, printed: string): string {
  const lines = [`$ ${command}`, ...wrapped(printed.trimEnd(), COLUMNS).split('\n')];
  const columns = Math.max(...lines.map((line) => [...stripVTControlCharacters(line)].length));
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = Math.ceil(lines.length * CELL.height + BAR + 2 * MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13" fill="${FOREGROUND}">`,
    `<title>${escaped(command)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (color, n) => `<circle cx="${MARGIN + 4 + 18 * n}" cy="${BAR / 2 + 2}" r="5" fill="${color}"/>`,
    ),
    ...lines.flatMap((line, n) => textOf(line, BAR + MARGIN + (n + 0.75) * CELL.height)),
    '</svg>',
    '',
  ].join('\n');
}

/** A line's pieces of one style each, placed by column: fonts differ in their widths. */
function textOf(line: string, y: number): readonly string[] {
  let column = 0;
  let styles: readonly string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
  return line.split(/(\u001b\[\d+m)/).flatMap((piece) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
    const code = /^\u001b\[(\d+)m$/.exec(piece)?.[1];
    if (code !== undefined) {
      const style = STYLES[code];
      styles = style ? [...styles, style] : [];
      return [];
    }
    const from = column;
    const cells = [...piece].length;
    column += cells;
    if (piece.trim() === '') return [];
    const at = `x="${(MARGIN + from * CELL.width).toFixed(1)}" y="${y.toFixed(1)}"`;
    const length = `textLength="${(cells * CELL.width).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`;
    return [`<text ${[at, length, ...styles].join(' ')} xml:space="preserve">${escaped(piece)}</text>`];
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
