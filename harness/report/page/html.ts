import { html as markup, raw } from 'hono/html';

/** A piece of the page; what is false or undefined leaves no trace. */
export type Piece = Markup | readonly Piece[] | false | undefined;

type Markup = ReturnType<typeof html>;

/** Markup as a tagged template; whatever is put into it is escaped, unless it is markup already. */
export function html(strings: TemplateStringsArray, ...values: unknown[]) {
  const piece = markup(strings, ...values);
  // It is a promise only when a value is one, which the page's pieces never are.
  if (piece instanceof Promise) throw new TypeError('A piece of the page has to be there when it is put in.');
  return piece;
}

/** Text that is put in as it is: our own style sheet. */
export const verbatim = raw;

/** `3.52 s`, `137 ms`, `0.2 ms`: a length of time in figures that one can read. */
export function length(ms: number): string {
  const size = Math.abs(ms);
  if (size >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (size >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms.toFixed(size < 10 ? 1 : 0)} ms`;
}

/** `3.61 s`, or `2.65 s to 3.65 s` where the ends differ. */
export function span({ min, max }: { readonly min: number; readonly max: number }): string {
  return max - min < 0.5 ? length(min) : `${length(min)} to ${length(max)}`;
}

/** With its sign: `+61 ms`, `−12 ms`. */
export function signed(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${length(Math.abs(ms))}`;
}

/** `1 run`, `3 runs`. */
export function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
