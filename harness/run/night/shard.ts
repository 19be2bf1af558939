import { UsageError } from '../../usage-error.ts';

/** One machine's part of a night: `index` of `of`, from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** Where no duration is known, ms. */
const TYPICAL_RUN_MS = 15_000;

/** @throws UsageError when it is not `i/n` with 1 ≤ i ≤ n */
export function parseShard(text: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (!(shard.index >= 1 && shard.index <= shard.of)) {
    throw new UsageError(`--shard takes i/n with i from 1 to n, such as 2/3; found "${text}".`);
  }
  return shard;
}

/**
 * The names that this shard runs: the longest first, each to the shard with the least to do (Graham's rule),
 * so that equal names and durations give equal parts on every machine.
 *
 * @param durationsMs of one run, by name, as far as they are known
 */
export function shardOf(
  names: readonly string[],
  durationsMs: Readonly<Record<string, number>>,
  { index, of }: Shard,
): readonly string[] {
  const duration = (name: string) => durationsMs[name] ?? TYPICAL_RUN_MS;
  const loads = Array.from({ length: of }, () => ({ ms: 0, names: [] as string[] }));
  const ordered = [...names].sort((a, b) => duration(b) - duration(a) || (a < b ? -1 : 1));
  for (const name of ordered) {
    const least = loads.reduce((best, load) => (load.ms < best.ms ? load : best));
    least.ms += duration(name);
    least.names.push(name);
  }
  const mine = new Set(loads[index - 1]?.names);
  return names.filter((name) => mine.has(name));
}
