import { closest } from 'fastest-levenshtein';
import type { z } from 'zod';
import { INSERT_HEADERS, NESTED } from './schema.ts';

/**
 * What is wrong with an object, in one sentence: the field, what is allowed, what was found, the nearest match.
 *
 * @param kind what the object is, by the name that encloses it in the API
 */
export function sentence(issues: readonly z.core.$ZodIssue[], kind: keyof typeof NESTED): string {
  // An unknown name says more than a missing one.
  const issue = issues.find((known) => known.code === 'unrecognized_keys') ?? issues[0];
  if (!issue) return `The ${kind} is not valid.`;
  const place = placeOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const where = place ? `${place}.${key}` : key;
    return `${where}: there is no such field; the nearest is "${closest(key, fieldsAt(issue.path, kind))}"`;
  }
  const missing = issue.input === undefined;
  const found = missing ? '' : `; found ${shown(issue.input)}`;
  const verdict = missing ? 'is missing; it ' : '';
  const values = valuesOf(issue);
  const nearest =
    values && typeof issue.input === 'string' ? `; the nearest is ${closest(issue.input, values)}` : '';
  return `${place || `the ${kind}`}: ${verdict}${requirement(issue)}${found}${nearest}`;
}

function valuesOf(issue: z.core.$ZodIssue): string[] | undefined {
  const values: unknown = issue.code === 'custom' ? issue.params?.values : undefined;
  return Array.isArray(values) ? values : undefined;
}

/** `["listeners", 0, "name"]` as `listeners[0].name`. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function requirement(issue: z.core.$ZodIssue): string {
  const built = issue.code === 'invalid_type' && issue.message.startsWith('Invalid input');
  return built ? 'must be an object' : issue.message;
}

/** The value as JSON, shortened. */
function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

function fieldsAt(path: readonly PropertyKey[], kind: keyof typeof NESTED): readonly string[] {
  const holder = path.findLast((part) => typeof part === 'string') ?? kind;
  if (holder === 'insert_headers') return INSERT_HEADERS;
  return Object.keys(NESTED[holder in NESTED ? (holder as keyof typeof NESTED) : kind].shape);
}
