import { z } from 'zod';
import { booleanFrom } from './boolean.ts';

// Compiling a schema takes longer than the few times that a process uses it.
z.config({ jitless: true });

/**
 * Values as WSME takes them (wsme/types.py, wsme/rest/json.py; octavia/api/common/types.py): numbers and booleans
 * as texts too, and null wherever a value is.
 */
export interface Kind<T> {
  /** The end of a sentence: what is allowed. */
  readonly allowed: string;
  /** All values, where they are few. */
  readonly values?: readonly string[];
  /** The value as it is meant; undefined for one that is not allowed. */
  readonly read: (found: unknown) => T | undefined;
  /** An empty text means that there is no value. */
  readonly unsetByEmpty?: boolean;
}

/** A field that must be given. */
export function mandatory<T>(kind: Kind<T>) {
  return z.any().transform((found, context): T => {
    const value = found === undefined ? undefined : kind.read(found);
    if (value !== undefined) return value;
    reject(kind, found, context);
    return z.NEVER;
  });
}

/** An optional field; null means that it is not set. */
export function optional<T>(kind: Kind<T>) {
  return field<T, undefined>(kind, undefined);
}

/**
 * A field with a default.
 *
 * @param nulled what null means, where it does not mean the default
 */
export function defaulted<T>(kind: Kind<T>, unset: T, nulled: T = unset) {
  return field<T, T>(kind, unset, nulled);
}

function field<T, Unset>(kind: Kind<T>, unset: Unset, nulled: Unset = unset) {
  return z
    .any()
    .optional()
    .transform((found, context): T | Unset => {
      if (found === undefined) return unset;
      if (found === null || (found === '' && kind.unsetByEmpty)) return nulled;
      const value = kind.read(found);
      if (value !== undefined) return value;
      reject(kind, found, context);
      return z.NEVER;
    });
}

function reject({ allowed, values }: Kind<unknown>, input: unknown, context: z.RefinementCtx): void {
  context.addIssue({ code: 'custom', message: allowed, input, params: { values } });
}

/** One of a few values. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Kind<T> {
  return {
    allowed: `must be one of ${values.join(', ')}`,
    values: values.map(String),
    read: (found) => values.find((value) => value === (typeof value === 'number' ? number(found) : found)),
  };
}

/** A whole number. */
export function whole(min: number, max: number): Kind<number> {
  return {
    allowed: `must be a whole number from ${min} to ${max}`,
    read: (found) => {
      const value = number(found);
      return value !== undefined && Number.isInteger(value) && value >= min && value <= max
        ? value
        : undefined;
    },
  };
}

/** A number, or a text that Python reads as one. */
function number(found: unknown): number | undefined {
  if (typeof found === 'number') return found;
  if (typeof found !== 'string' || !/^\s*[+-]?\d+(_\d+)*(\.\d*)?\s*$/.test(found)) return undefined;
  return Number(found.replaceAll('_', ''));
}

export const flag: Kind<boolean> = {
  allowed: 'must be true or false',
  read: (found) => {
    if (typeof found === 'boolean') return found;
    if (typeof found === 'number') return found !== 0;
    return typeof found === 'string' ? booleanFrom(found) : undefined;
  },
};

/** A text of a form; the message says what is allowed. */
export function text(form: RegExp | ((found: string) => boolean), allowed: string): Kind<string> {
  const holds = form instanceof RegExp ? (found: string) => form.test(found) : form;
  return { allowed, read: (found) => (typeof found === 'string' && holds(found) ? found : undefined) };
}

/** Any text; what ends up in no configuration file. */
export function note(max: number): Kind<string> {
  return text((found) => [...found].length <= max, `must be a text of at most ${max} characters`);
}

/** With or without its dashes (wsme.types.UuidType). */
export const uuid: Kind<string> = {
  allowed: 'must be a UUID',
  read: (found) => {
    if (typeof found !== 'string') return undefined;
    const digits = found.replaceAll('-', '').toLowerCase();
    return /^[0-9a-f]{32}$/.test(digits)
      ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
      : undefined;
  },
};

/** A kind whose empty text means that it is not set, as clients and an example of the API reference write it. */
export function orEmpty<T>(kind: Kind<T>): Kind<T> {
  return { ...kind, unsetByEmpty: true };
}

/** A list; null and a missing one are empty. */
export function list<Entry extends z.ZodType>(entry: Entry) {
  return optionalList(entry).transform((found) => found ?? []);
}

/** A list, or none. */
export function optionalList<Entry extends z.ZodType>(entry: Entry) {
  return orNull(z.array(entry, { error: 'must be a list' }));
}

/** An object or list that may be left out, or be null. */
export function orNull<Inner extends z.ZodType>(inner: Inner) {
  return inner.nullish().transform((found) => found ?? undefined);
}
