import type { Observation } from './observation.ts';

/** Some fields of an observation, with the values that are wanted. */
export type Pattern<T = Observation> = T extends object ? { readonly [K in keyof T]?: Pattern<T[K]> } : T;

/** Whether an observation has every value of a pattern. */
export function fits(pattern: Pattern, entry: Observation): boolean {
  return has(entry, pattern);
}

/**
 * How near an observation comes to what is wanted: its kind, and then how many of the wanted values it has in
 * whichever place. So the address that came to another node is nearer than any frame.
 */
export function nearness(patterns: readonly Pattern[], entry: Observation): number {
  const { kind, ...values } = entry;
  const found = new Set(leaves(values));
  return Math.max(
    0,
    ...patterns.map((pattern) => {
      const { kind: wantedKind, ...rest } = pattern;
      const wanted = leaves(rest);
      const share = wanted.filter((value) => found.has(value)).length / Math.max(1, wanted.length);
      return wantedKind === kind ? 1 + share : share;
    }),
  );
}

function has(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(wanted).every(([key, part]) => has((value as Record<string, unknown>)[key], part));
}

function leaves(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
}
