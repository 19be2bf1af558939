import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Configurations } from '../../analysis/model/settings.ts';
import { type Result, resultSchema, runSchema, type ScenarioResult } from '../../result/result.ts';

const runEntry = runSchema
  .pick({
    index: true,
    status: true,
    wallMs: true,
    metrics: true,
    phases: true,
    predicted: true,
    over: true,
  })
  .extend({
    /** An episode, without what only the report needs. */
    episodes: z
      .array(
        runSchema.shape.episodes.unwrap().element.pick({
          kind: true,
          name: true,
          target: true,
          judged: true,
          metrics: true,
          over: true,
        }),
      )
      .default([]),
  });

/** What the history keeps of a result: the figures of every run. */
export const entrySchema = resultSchema
  .pick({ id: true, startedAt: true, durationMs: true, command: true, seed: true, environment: true })
  .extend({
    scenarios: z.array(
      z.object({
        name: z.string(),
        status: runSchema.shape.status,
        parameters: z.record(z.string(), z.union([z.string(), z.number()])),
        runs: z.array(runEntry),
        /** The pair's configuration: by amphora and file, the digest of its settings in `settings`. */
        configurations: z.record(z.string(), z.record(z.string(), z.string())).optional(),
      }),
    ),
    /** Settings by digest: most scenarios have the same, so that each is kept once. */
    settings: z.record(z.string(), z.array(z.string())).optional(),
    /** Scenarios whose regression was confirmed in it: it is no baseline for them. */
    alarms: z.array(z.string()).default([]),
  });

export type Entry = z.output<typeof entrySchema>;
export type ScenarioEntry = Entry['scenarios'][number];
/** The entry of a result. */
export function entryOf(result: Result, alarms: readonly string[] = []): Entry {
  const settings: Record<string, readonly string[]> = {};
  const keep = (lines: readonly string[]): string => {
    const digest = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
    settings[digest] = lines;
    return digest;
  };
  const scenarios = result.scenarios.map(({ configurations, ...scenario }) => ({
    ...scenario,
    ...(configurations && { configurations: digests(configurations, keep) }),
  }));
  const kept = Object.keys(settings).length > 0 && { settings };
  return entrySchema.parse({ ...result, scenarios, ...kept, alarms });
}

function digests(
  configurations: NonNullable<ScenarioResult['configurations']>,
  keep: (lines: readonly string[]) => string,
): ScenarioEntry['configurations'] {
  return Object.fromEntries(
    Object.entries(configurations).map(([node, files]) => [
      node,
      Object.fromEntries(Object.entries(files).map(([file, lines]) => [file, keep(lines)])),
    ]),
  );
}

/** The configuration of a scenario's pair; undefined where the entry has none. */
export function configurationsOf(
  entry: Pick<Entry, 'settings'>,
  { configurations }: Pick<ScenarioEntry, 'configurations'>,
): Configurations | undefined {
  return (
    configurations &&
    Object.fromEntries(
      Object.entries(configurations).map(([node, files]) => [
        node,
        Object.fromEntries(
          Object.entries(files).map(([file, digest]) => [file, entry.settings?.[digest] ?? []]),
        ),
      ]),
    )
  );
}
