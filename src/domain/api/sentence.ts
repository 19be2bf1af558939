import { closest } from 'fastest-levenshtein';
import type { z } from 'zod';
import { loadBalancerSchema, NESTED } from './schema.ts';

/** What is wrong with a load balancer, in one sentence: the field, what is allowed, what was found, the nearest match. */
export function sentence(issues: readonly z.core.$ZodIssue[]): string {
  const issue = mostTelling(issues);
  if (!issue) return 'The load balancer is not valid.';
  const place = placeOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const where = place ? `${place}.${key}` : key;
    return `${where}: there is no such field; the nearest is "${closest(key, fieldsAt(issue.path))}"`;
  }
  if (issue.code === 'invalid_key') {
    const key = String(issue.path.at(-1));
    const [inner] = issue.issues;
    const allowed = inner?.code === 'invalid_value' ? inner.values.map(String) : [];
    return `${place}: must be one of ${allowed.join(', ')}; the nearest is ${closest(key, allowed)}`;
  }
  const missing = issue.input === undefined;
  const found = missing ? '' : `; found ${shown(issue.input)}`;
  const verdict = missing ? 'is missing; it ' : '';
  if (issue.code === 'invalid_value' && issue.values.length > 1) {
    const allowed = issue.values.map(String);
    const nearest =
      typeof issue.input === 'string' ? `; the nearest is ${closest(issue.input, allowed)}` : '';
    return `${place}: ${verdict}must be one of ${allowed.join(', ')}${found}${nearest}`;
  }
  return `${place || 'the load balancer'}: ${verdict}${requirement(issue)}${found}`;
}

/** `["listeners", 0, "name"]` as `listeners[0].name`. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/** The issue that helps most: a name that is not known before one that is missing, inside a nested pool before "no pool". */
function mostTelling(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  const flat = issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue];
    const nested =
      issue.errors[0]?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? [];
    // Without a protocol it was meant as a reference.
    return nested.some((inner) => inner.path.at(-1) === 'protocol' && inner.input === undefined)
      ? [issue]
      : nested;
  });
  return flat.find((issue) => issue.code === 'unrecognized_keys') ?? flat[0];
}

function requirement(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    const kinds: Readonly<Record<string, string>> = {
      array: 'a list',
      object: 'an object',
      string: 'a text',
    };
    return issue.message.startsWith('Invalid input')
      ? `must be ${kinds[issue.expected] ?? `a ${issue.expected}`}`
      : issue.message;
  }
  return issue.message;
}

/** The value as JSON, shortened. */
function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

function fieldsAt(path: readonly PropertyKey[]): string[] {
  const holder = path.findLast((part) => typeof part === 'string');
  const schema =
    holder !== undefined && holder in NESTED ? NESTED[holder as keyof typeof NESTED] : loadBalancerSchema;
  return Object.keys(schema.shape);
}
