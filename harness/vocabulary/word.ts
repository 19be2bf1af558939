import { closest } from 'fastest-levenshtein';
import { type Argument, counted, type SaidOf } from './argument.ts';

export const PARTS = ['traffic', 'fault', 'heal', 'change', 'expect'] as const;
export type Part = (typeof PARTS)[number];

/** What only amphorae have. */
export type Need = 'a controller' | 'an agent';

/** A word of a story: `fault.powerOff`, `expect.vipOn`. */
export interface Word<Takes extends readonly Argument[] = readonly Argument[]> {
  /** Its arguments, in their order. */
  readonly takes: Takes;
  /** What of an amphora it asks; nothing where it is absent. */
  readonly needs?: Need;
  /** A clause that says what happens, or what must hold. */
  says(...said: SaidOf<Takes>): string;
}

/** A story says what is no word, or gives one what it does not take. */
export class WrongWord extends Error {
  override readonly name = 'WrongWord';
  /** The number of the argument that does not fit, from 0 on; absent where it is the word itself. */
  readonly argument: number | undefined;

  constructor(message: string, argument?: number) {
    super(message);
    this.argument = argument;
  }
}

/** `fault.delay(amphora, { ms })`. */
export function formOf(part: Part, name: string, { takes }: Word): string {
  return `${part}.${name}(${takes.map(({ form }) => form).join(', ')})`;
}

/** The word's sentence about what is given; in the reference, where nothing is, about any. */
export function sentence({ takes, says }: Word, given?: readonly unknown[]): string {
  return says(...takes.map(({ said, example }, n) => (given ? said(given[n]) : example)));
}

/** @throws WrongWord with what is wrong with what a word is given, in a sentence */
export function refuse(part: Part, name: string, word: Word, given: readonly unknown[]): void {
  const { takes } = word;
  const wrong = takes.findIndex((argument, n) => n < given.length && !argument.fits(given[n]));
  const argument = takes[wrong];
  if (!argument && given.length === takes.length) return;
  const what = argument
    ? `was given ${shown(given[wrong])} as ${argument.form}${argument.advice?.(given[wrong]) ?? ''}`
    : `takes ${counted(takes.length, 'argument')}; found ${given.length}`;
  throw new WrongWord(`${formOf(part, name, word)} ${what}.`, argument ? wrong : undefined);
}

/** @throws WrongWord where there is none of that name */
export function wordIn<W extends Word>(words: Readonly<Record<string, W>>, part: Part, name: string): W {
  const word = words[name];
  if (word) return word;
  throw new WrongWord(
    `There is no ${part}.${name}; the nearest is ${part}.${closest(name, Object.keys(words))}.`,
  );
}

/** Amphorae and instants by their names. */
export function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  const { instance, name } = value as { instance?: { name?: string }; name?: string };
  const entries = Object.entries(value);
  const plain = entries.length > 0 && entries.every(([, each]) => typeof each === 'number' || each === null);
  return (
    instance?.name ??
    name ??
    (plain ? `{ ${entries.map(([key, each]) => `${key}: ${each}`).join(', ')} }` : '…')
  );
}
