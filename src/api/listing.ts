import { booleanFrom } from '../domain/schema/boolean.ts';
import { InvalidLoadBalancer, refuse } from '../domain/schema/invalid.ts';
import { type Call, type Query, queried, valuesOf } from './call.ts';
import type { View } from './views.ts';

/** An object in a list: as it is shown, and by what else it can be looked for. */
export interface Row {
  readonly view: View;
  readonly hidden?: Readonly<Record<string, unknown>>;
}

/** Queries that choose, sort and cut, and filter nothing (octavia/api/common/pagination.py). */
const AUXILIARY = ['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'fields', 'page_reverse'];
const TAGS = ['tags', 'tags-any', 'not-tags', 'not-tags-any'];
/** Section [api_settings], pagination_max_limit. */
const MAX_LIMIT = 1000;

/**
 * A list as Octavia answers it: filtered, sorted, a page of it, and of each object the fields that are asked for.
 *
 * @param rows in the order in which they were created
 * @param columns by which lists of the kind can be filtered and sorted
 * @throws InvalidLoadBalancer
 */
export function listed(
  call: Call,
  collection: string,
  rows: readonly Row[],
  columns: readonly string[],
): Readonly<Record<string, unknown>> {
  const limit = limitOf(call);
  const holds = filterOf(call.query, columns);
  const sorted = sortedBy(sortKeys(call, columns), rows);
  const marker = queried(call, 'marker');
  const found = from(sorted, marker, queried(call, 'page_reverse') === 'True').filter(holds);
  const page = found.slice(0, limit);
  return {
    [collection]: page.map(({ view }) => chosen(call, view)),
    [`${collection}_links`]: links(call, page, limit, marker),
  };
}

/** The requested fields of a view; all by default. */
export function chosen({ query }: Call, view: View): View {
  const fields = valuesOf(query, 'fields');
  if (fields.length === 0) return view;
  return Object.fromEntries(Object.entries(view).filter(([field]) => fields.includes(field)));
}

function limitOf(call: Call): number | undefined {
  const limit = queried(call, 'limit');
  if (limit === undefined) return MAX_LIMIT;
  if (limit === 'infinite') return undefined;
  if (!/^\s*[+-]?\d+\s*$/.test(limit)) refuse('limit', `must be a whole number; found "${limit}"`);
  return Number(limit) < 1 ? undefined : Math.min(Number(limit), MAX_LIMIT);
}

/** A column of a row, by the API's name. */
function columnOf({ view, hidden }: Row, column: string): unknown {
  return hidden && column in hidden ? hidden[column] : view[column];
}

function filterOf(query: Query, columns: readonly string[]): (row: Row) => boolean {
  const filters = Object.keys(query).filter((name) => !AUXILIARY.includes(name) && !TAGS.includes(name));
  for (const name of filters) {
    if (!columns.includes(name)) {
      refuse(name, `no list can be filtered by it; there are ${columns.join(', ')}`);
    }
    if (valuesOf(query, name).length > 1) refuse(name, 'can be asked for once only');
  }
  const tagged = tagFilters(query, columns);
  return (row) =>
    filters.every((name) => equals(columnOf(row, name), valuesOf(query, name)[0] ?? '')) &&
    tagged.every((holds) => holds(Array.isArray(row.view.tags) ? row.view.tags : []));
}

function equals(value: unknown, wanted: string): boolean {
  if (typeof value === 'boolean') return (booleanFrom(wanted) ?? false) === value;
  if (typeof value === 'number') return Number(wanted) === value;
  return typeof value === 'string' && value === wanted;
}

function tagFilters(query: Query, columns: readonly string[]): ((tags: readonly string[]) => boolean)[] {
  const given = TAGS.filter((name) => name in query);
  if (given.length > 0 && !columns.includes('tags')) {
    throw new InvalidLoadBalancer(`${given[0]}: these objects have no tags`);
  }
  return given.map((name) => {
    const wanted = valuesOf(query, name).flatMap((tags) => tags.split(','));
    const all = (tags: readonly string[]) => wanted.every((tag) => tags.includes(tag));
    const any = (tags: readonly string[]) => wanted.some((tag) => tags.includes(tag));
    if (name === 'tags') return all;
    if (name === 'tags-any') return any;
    return name === 'not-tags' ? (tags) => !all(tags) : (tags) => !any(tags);
  });
}

interface SortKey {
  readonly column: string;
  readonly descending: boolean;
}

function sortKeys(call: Call, columns: readonly string[]): readonly SortKey[] {
  const split = (name: string) => (queried(call, name) || undefined)?.split(',');
  const pairs = split('sort')?.map((pair) => pair.split(':'));
  const keys = split('sort_key');
  const directions = queried(call, 'sort_dir')?.split(',') ?? [];
  const wanted = pairs ?? keys?.map((key, n) => [key, ...(directions[n] ? [directions[n]] : [])]) ?? [];
  return wanted.map(([column = '', direction = 'asc', ...more]) => {
    if (more.length > 0 || column === 'tags' || !columns.includes(column)) {
      refuse('sort', `"${column}" is no field that lists are sorted by`);
    }
    if (!/^(asc|desc)$/i.test(direction)) refuse('sort', `must be asc or desc; found "${direction}"`);
    return { column, descending: direction.toLowerCase() === 'desc' };
  });
}

/** Those that are equal stay in the order in which they were created. */
function sortedBy(keys: readonly SortKey[], rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((one, other) => {
    for (const { column, descending } of keys) {
      const order = compare(columnOf(one, column), columnOf(other, column));
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
}

/** Nothing comes before everything, as databases have it. */
function compare(one: unknown, other: unknown): number {
  const [a, b] = [one, other].map((value) => (typeof value === 'boolean' ? Number(value) : value));
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return a < b ? -1 : 1;
}

/** What follows the last object of the page before, or goes before it. */
function from(rows: readonly Row[], marker: string | undefined, reverse: boolean): readonly Row[] {
  if (marker === undefined) return rows;
  const at = rows.findIndex(({ view }) => view.id === marker);
  if (at < 0) refuse('marker', `there is no object ${marker} in the list`);
  return reverse ? rows.slice(0, at) : rows.slice(at + 1);
}

function links(
  { url, query }: Call,
  page: readonly Row[],
  limit: number | undefined,
  marker: string | undefined,
): readonly View[] {
  const [first] = page;
  const last = page.at(-1);
  if (!first || !last || limit === undefined) return [];
  const link = (rel: string, more: Readonly<Record<string, unknown>>) => {
    const search = new URLSearchParams();
    search.append('limit', String(limit));
    for (const name of Object.keys(query)) {
      if (['limit', 'marker', 'page_reverse'].includes(name)) continue;
      for (const value of valuesOf(query, name)) search.append(name, value);
    }
    for (const [name, value] of Object.entries(more)) search.append(name, String(value));
    return { href: `${url}?${search}`, rel };
  };
  return [
    ...(marker === undefined ? [] : [link('previous', { marker: first.view.id, page_reverse: 'True' })]),
    ...(page.length >= limit ? [link('next', { marker: last.view.id })] : []),
  ];
}
