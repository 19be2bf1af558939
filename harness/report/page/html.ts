// Hono gives the page its escaping templates; what serves, agent and controller, is Fastify.
import { html as markup, raw } from 'hono/html';

/** A piece of the page; false and undefined are left out. */
export type Piece = Markup | readonly Piece[] | false | undefined;

type Markup = ReturnType<typeof html>;

/** Markup as a tagged template; whatever is put into it is escaped, unless it is markup already. */
export function html(strings: TemplateStringsArray, ...values: unknown[]) {
  const piece = markup(strings, ...values);
  // It is a promise only when a value is one, which the page's pieces never are.
  if (piece instanceof Promise) throw new TypeError('A piece of the page has to be there when it is put in.');
  return piece;
}

/** Text that is put in as it is: the page's style sheet. */
export const verbatim = raw;

/** `1 run`, `3 runs`. */
export function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
