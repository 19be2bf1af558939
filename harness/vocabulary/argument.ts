import { closest } from 'fastest-levenshtein';
import type { LabNode } from '../lab/lab.ts';
import type { LabObservation } from '../observations/observation.ts';

/** A kind of argument that a word of a story takes. */
export interface Argument<Given = unknown, Said = Given> {
  /** As the reference and messages write it. */
  readonly form: string;
  /** What stands for it in the reference's sentences. */
  readonly example: Said;
  /** The texts that it may be, where they are few. */
  readonly choices?: readonly string[];
  /** The units of its numbers, where it is `{ unit: number, … }`, and what those may be. */
  readonly units?: readonly string[];
  readonly bounds?: NumberBounds;
  /** Whether it may be given. */
  fits(given: unknown): boolean;
  /** What a sentence is made of. */
  said(given: Given): Said;
  /** What to write instead of something that does not fit, e.g. `; write { ms: 300 }`. */
  advice?(given: unknown): string;
}

/** What a number may be; the bounds are part of it. */
export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  /** Whether it has no fraction. */
  readonly whole?: boolean;
}

/** What a scenario gives, and what a sentence is made of, by the arguments that a word takes. */
export type GivenOf<Takes extends readonly Argument[]> = {
  -readonly [K in keyof Takes]: Takes[K] extends Argument<infer Given, infer _Said> ? Given : never;
};
export type SaidOf<Takes extends readonly Argument[]> = {
  -readonly [K in keyof Takes]: Takes[K] extends Argument<infer _Given, infer Said> ? Said : never;
};

export const AMPHORA: Argument<LabNode, string> = {
  form: 'amphora',
  example: 'the amphora',
  fits: (given) => typeof (given as Partial<LabNode> | undefined)?.instance?.name === 'string',
  said: ({ instance }) => instance.name,
};

/** What a fault, a repair, a change or a mark gave: the instant to count from. */
export const INSTANT: Argument<LabObservation, string> = {
  form: 'instant',
  example: 'then',
  fits: (given) => (given as Partial<LabObservation> | undefined)?.kind === 'lab',
  said: ({ name }) => name,
  advice: () => '; an instant is what a fault, a repair, a change or a mark gave',
};

const ANY_AMOUNT: NumberBounds = { min: 0, max: Number.POSITIVE_INFINITY };

/** Numbers with their units, e.g. `{ ms: 300 }`. */
export function units<const Unit extends string>(
  ...names: readonly Unit[]
): Argument<Readonly<Record<Unit, number>>> {
  return bounded(ANY_AMOUNT, ...names);
}

/** The same, where not every number makes sense. */
export function bounded<const Unit extends string>(
  bounds: NumberBounds,
  ...names: readonly Unit[]
): Argument<Readonly<Record<Unit, number>>> {
  const { min, max, whole = false } = bounds;
  const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value);
  const isAllowed = (value: unknown) =>
    isNumber(value) &&
    (value as number) >= min &&
    (value as number) <= max &&
    (!whole || Number.isInteger(value));
  const allowed = `a ${whole ? 'whole ' : ''}number from ${min} ${max === Number.POSITIVE_INFINITY ? 'on' : `to ${max}`}`;
  return {
    form: `{ ${names.join(', ')} }`,
    units: names,
    bounds,
    example: Object.fromEntries(names.map((name) => [name, names.length > 1 ? name : 'N'])) as never,
    fits: (given) =>
      typeof given === 'object' &&
      given !== null &&
      Object.keys(given).length === names.length &&
      names.every((name) => isAllowed((given as Record<string, unknown>)[name])),
    said: (given) => given,
    advice(given) {
      const [only] = names;
      if (isNumber(given) && names.length === 1) return `; write { ${only}: ${given} }`;
      const unknown = Object.keys(Object(given)).find((key) => !names.some((name) => name === key));
      if (unknown !== undefined)
        return `; there is no unit "${unknown}", the nearest is "${closest(unknown, [...names])}"`;
      const wrong = names.find((name) => !isAllowed(Object(given)[name]));
      return wrong === undefined ? '' : `; ${wrong} is ${allowed}`;
    },
  };
}

/** One of some texts, each with its name in sentences. */
export function oneOf<const Name extends string>(
  names: Readonly<Record<Name, string>>,
  example: string,
): Argument<Name, string> {
  const all = Object.keys(names);
  return {
    form: all.map((name) => `'${name}'`).join(' | '),
    choices: all,
    example,
    fits: (given) => typeof given === 'string' && all.includes(given),
    said: (given) => names[given],
    advice: (given) => (typeof given === 'string' ? `; the nearest is '${closest(given, all)}'` : ''),
  };
}

/** What runs in an amphora. */
export const PROCESS = oneOf(
  { keepalived: 'keepalived', haproxy: 'HAProxy', agent: 'the agent' },
  'the process',
);

export const TEXT: Argument<string> & { as(form: string, example: string): Argument<string> } = {
  form: 'text',
  example: 'it',
  fits: (given) => typeof given === 'string',
  said: (given) => given,
  as: (form, example) => ({ ...TEXT, form, example }),
};

/** A back end, by its name in the lab. */
export const MEMBER = TEXT.as('member', 'the member');

/** A number that its word gives its meaning: `downloads(10)`. */
export function count(form: string): Argument<number> {
  return {
    form,
    example: 'N' as never,
    fits: (given) => Number.isSafeInteger(given) && (given as number) >= 0,
    said: (given) => given,
  };
}

/** Something that another word gave, or that only the word itself can look through. */
export function thing<Given, Said>(
  form: string,
  example: Said,
  fits: (given: unknown) => boolean,
  said: (given: Given) => Said,
): Argument<Given, Said> {
  return { form, example, fits, said };
}

/** `1 interval`, `4 intervals`. */
export function counted(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}
