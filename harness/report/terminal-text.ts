import Table from 'cli-table3';
import pc from 'picocolors';
import wrapAnsi from 'wrap-ansi';

/** Spaces on both sides of a cell. */
const PADDING = 2;
/** What a table fits where it is piped into a file, a mail or a review. */
const PIPED_COLUMNS = 100;
/** Columns are not made narrower than this: shorter words stay whole. */
const LETTERS_MIN = 8;
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
 * A table that wraps its widest columns until it fits: between words, and within them only where words alone are too wide.
 *
 * @param options.indent before each of its lines
 * @param options.columns what it has to fit; those of the terminal, or 100 where there is none
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  {
    indent = '',
    columns = terminalColumns() ?? PIPED_COLUMNS,
  }: { readonly indent?: string; readonly columns?: number } = {},
): string {
  const cells = [head, ...rows].map((row) => row.map(String));
  const longest = (pieces: (cell: string) => readonly string[]) =>
    head.map((_, n) => Math.max(...cells.map((row) => Math.max(...pieces(row[n] ?? '').map(lengthOf)))));
  const space = columns - indent.length - 1 - head.length * (PADDING + 1);
  const lines = longest((cell) => cell.split('\n'));
  const words = longest((cell) => cell.split(/\s/));
  const widths = narrowed(
    narrowed(lines, words, space),
    words.map((width) => Math.min(width, LETTERS_MIN)),
    space,
  );
  const [drawnHead = [], ...drawnRows] = cells.map((row) =>
    row.map((cell, n) => narrowedTo(widths[n] ?? 0, cell)),
  );
  const drawn = new Table({ head: drawnHead, style: { head: [], border: [] } });
  drawn.push(...drawnRows);
  return drawn.toString().replace(/^/gm, indent);
}

/** Most cells fit; what wraps the others takes longer to start than a table to draw. */
function narrowedTo(width: number, cell: string): string {
  const fits = cell.split('\n').every((line) => lengthOf(line) <= width);
  return fits ? cell : wrapAnsi(cell, width, { hard: true });
}

/** Widths whose sum fits the space, taken from the widest in turn; none becomes less than its least. */
function narrowed(widths: readonly number[], leasts: readonly number[], space: number): readonly number[] {
  const result = [...widths];
  while (result.reduce((sum, width) => sum + width, 0) > space) {
    const wide = result.map((width, n) => ({ width, n })).filter(({ width, n }) => width > (leasts[n] ?? 0));
    const [first, ...others] = wide;
    if (!first) break;
    const widest = others.reduce((best, each) => (each.width > best.width ? each : best), first);
    result[widest.n] = widest.width - 1;
  }
  return result;
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
