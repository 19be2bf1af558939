import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentDifferences } from '../../compare/history/two-results.ts';
import { type Result, readResult } from '../../result/result.ts';
import { UsageError } from '../../usage-error.ts';
import { scenarioResult } from '../scenario-result.ts';

export interface MergeOptions {
  /** Join results of different environments. */
  readonly mixed: boolean;
  /** Join although a shard is missing. */
  readonly incomplete: boolean;
}

/**
 * Joins results as if one machine had run them: their runs are copied, and all figures are computed anew from
 * them.
 *
 * @throws UsageError when they do not belong together, naming what is missing, duplicate or different
 * @throws UnreadableResult
 */
export async function mergeResults(
  sources: readonly string[],
  target: string,
  id: string,
  options: MergeOptions,
): Promise<Result> {
  const parts = await Promise.all(
    sources.map(async (folder) => ({ folder, result: await readResult(folder) })),
  );
  const [first] = parts;
  if (!first) throw new UsageError('Name the folders of the results to merge.');
  const results = parts.map(({ result }) => result);
  refuseUnlike(results, options);
  refuseGaps(results, options);
  refuseDoubles(results);
  await mkdir(target, { recursive: true });
  for (const { folder, result } of parts) {
    for (const { name } of result.scenarios) {
      await cp(join(folder, name), join(target, name), {
        recursive: true,
        force: false,
        errorOnExist: false,
      });
    }
  }
  const scenarios = new Map(results.flatMap((result) => result.scenarios).map((each) => [each.name, each]));
  const { shard: _, ...facts } = first.result;
  const starts = results.map(({ startedAt }) => startedAt).sort();
  return {
    ...facts,
    id,
    startedAt: starts[0] ?? facts.startedAt,
    durationMs: Math.max(...results.map(({ durationMs }) => durationMs)),
    scenarios: await Promise.all(
      [...scenarios.values()]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((scenario) => scenarioResult(target, scenario)),
    ),
  };
}

function refuseUnlike(results: readonly Result[], { mixed }: MergeOptions): void {
  const [first, ...others] = results;
  for (const other of others) {
    if (!first || mixed) return;
    const differences = environmentDifferences(first.environment, other.environment);
    if (differences.length > 0) {
      throw new UsageError(
        `${first.id} and ${other.id} were measured in different environments (${differences.join('; ')}): --mixed merges them anyway.`,
      );
    }
  }
}

function refuseGaps(results: readonly Result[], { incomplete }: MergeOptions): void {
  const shards = results.flatMap(({ id, shard }) => (shard ? [{ id, ...shard }] : []));
  const of = Math.max(0, ...shards.map((shard) => shard.of));
  const unlike = shards.find((shard) => shard.of !== of);
  if (unlike) throw new UsageError(`${unlike.id} is one of ${unlike.of} shards, others are of ${of}.`);
  if (shards.length > 0 && shards.length < results.length) {
    const whole = results.find(({ shard }) => !shard);
    throw new UsageError(`${whole?.id} is no shard, the others are.`);
  }
  const missing = Array.from({ length: of }, (_, n) => n + 1).filter(
    (index) => !shards.some((shard) => shard.index === index),
  );
  if (missing.length > 0 && !incomplete) {
    throw new UsageError(
      `Of ${of} shards, ${missing.map((index) => `${index}/${of}`).join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing: --incomplete merges the others.`,
    );
  }
}

function refuseDoubles(results: readonly Result[]): void {
  const seen = new Map<string, string>();
  for (const { id, scenarios } of results) {
    for (const { name, runs } of scenarios) {
      for (const index of new Set(runs.map((run) => run.index))) {
        const run = `run ${index} of ${name}`;
        const other = seen.get(run);
        if (other !== undefined)
          throw new UsageError(`${run} is in ${other} and in ${id}: nothing is counted twice.`);
        seen.set(run, id);
      }
    }
  }
}
