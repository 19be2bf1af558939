import { closest } from 'fastest-levenshtein';
import { InvalidLoadBalancer, refuse } from '../domain/schema/invalid.ts';
import { isObject, type Json } from '../domain/schema/requests.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A request, as far as an answer depends on it. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: unknown;
  /** Its own, without the query. */
  readonly url: string;
  /** Id of the client's project, where it names one. */
  readonly projectId: string | undefined;
}

/** What stands behind the question mark; what stands there twice is a list. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

/**
 * Serves a path below /v2 and /v2.0.
 *
 * @param status of the answer, where nothing is thrown
 */
export type Route = (method: Method, path: string, status: number, answer: (call: Call) => unknown) => void;

/** The object in a body, which the API encloses in its name. */
export function enclosed(body: unknown, name: string): Json {
  const value = isObject(body) ? body[name] : undefined;
  if (!isObject(value)) throw new InvalidLoadBalancer(`the body must be {"${name}": {…}}`);
  const other = Object.keys(body as Json).find((key) => key !== name);
  if (other) refuse(other, `there is no such field; the body is {"${name}": {…}}`);
  return value;
}

export function param({ params }: Call, name: string): string {
  return params[name] ?? '';
}

/** The last value of a query, where it is there. */
export function queried({ query }: Call, name: string): string | undefined {
  return valuesOf(query, name).at(-1);
}

export function valuesOf(query: Query, name: string): readonly string[] {
  const found = query[name];
  if (found === undefined) return [];
  return typeof found === 'string' ? [found] : found;
}

/** Upstream takes no query that a call does not have, but with GET of objects and lists. */
export function refuseQueries({ query }: Call, allowed: readonly string[] = []): void {
  const unknown = Object.keys(query).find((name) => !allowed.includes(name));
  if (unknown === undefined) return;
  const nearest = allowed.length > 0 ? `; the nearest is "${closest(unknown, [...allowed])}"` : '';
  refuse(unknown, `there is no such query here${nearest}`);
}
