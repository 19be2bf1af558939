import Table from 'cli-table3';
import pc from 'picocolors';
import wrapAnsi from 'wrap-ansi';

/** Spaces on both sides of a cell. */
const PADDING = 2;
const TABLE_LINE = /^\s*[┌├│└]/;

export type Colors = ReturnType<typeof pc.createColors>;

/** Colours where a terminal is written to, and NO_COLOR does not forbid them. */
export function colorsOf(out: NodeJS.WriteStream): Colors {
  return pc.createColors(Boolean(out.isTTY) && !process.env.NO_COLOR);
}

/** Columns of the terminal that is written to; undefined where it is none, and nothing is wrapped. */
export function terminalColumns(out: NodeJS.WriteStream = process.stdout): number | undefined {
  return out.isTTY ? out.columns : undefined;
}

/**
 * A table that wraps its widest columns between words until it fits; it is wider only where its words are.
 *
 * @param options.indent before each of its lines
 * @param options.columns what it has to fit; those of the terminal, if not given
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  { indent = '', columns = terminalColumns() }: { readonly indent?: string; readonly columns?: number } = {},
): string {
  const cells = [head, ...rows].map((row) => row.map(String));
  const longest = (pieces: (cell: string) => readonly string[]) =>
    head.map((_, n) => Math.max(...cells.map((row) => Math.max(...pieces(row[n] ?? '').map(lengthOf)))));
  const widths = longest((cell) => cell.split('\n')).map((width) => width + PADDING);
  const leasts = longest((cell) => cell.split(/\s/)).map((width) => width + PADDING);
  const others = indent.length + head.length + 1;
  while (widths.reduce((sum, width) => sum + width, others) > (columns ?? Number.POSITIVE_INFINITY)) {
    const widest = widths
      .map((width, n) => ({ width, n }))
      .filter(({ width, n }) => width > (leasts[n] ?? 0))
      .reduce<{ width: number; n: number } | undefined>(
        (best, each) => (best && best.width >= each.width ? best : each),
        undefined,
      );
    if (!widest) break;
    widths[widest.n] = widest.width - 1;
  }
  const drawn = new Table({
    head: [...head],
    colWidths: widths,
    wordWrap: true,
    style: { head: [], border: [] },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString().replace(/^/gm, indent);
}

/** Text whose lines break between words where the terminal ends; what a line is indented by, its rest is too. */
export function wrapped(text: string, columns = terminalColumns()): string {
  if (columns === undefined) return text;
  return text
    .split('\n')
    .map((line) => {
      if (lengthOf(line) <= columns || TABLE_LINE.test(line)) return line;
      const indent = /^\s*(?:- |\S+ {2,})?/.exec(line)?.[0].length ?? 0;
      const rest = wrapAnsi(line.slice(indent), columns - indent, { trim: true });
      return `${line.slice(0, indent)}${rest.replaceAll('\n', `\n${' '.repeat(indent)}`)}`;
    })
    .join('\n');
}

function lengthOf(text: string): number {
  return [...text].length;
}
