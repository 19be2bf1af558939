import { z } from 'zod';
import { type Result, resultSchema, runSchema } from '../report/result.ts';
import type { Sample } from '../statistics/compare.ts';

const runEntry = runSchema.pick({
  index: true,
  status: true,
  wallMs: true,
  metrics: true,
  phases: true,
  predicted: true,
});

/** What the history keeps of a result: every run's figures, and nothing that can be read elsewhere. */
export const entrySchema = resultSchema
  .pick({ id: true, startedAt: true, durationMs: true, command: true, seed: true, environment: true })
  .extend({
    scenarios: z.array(
      z.object({
        name: z.string(),
        status: runSchema.shape.status,
        parameters: z.record(z.string(), z.union([z.string(), z.number()])),
        runs: z.array(runEntry),
      }),
    ),
    /** Scenarios whose regression was confirmed in it: it is no baseline for them. */
    alarms: z.array(z.string()).default([]),
  });

export type Entry = z.output<typeof entrySchema>;
export type ScenarioEntry = Entry['scenarios'][number];

/** The entry of a result. */
export function entryOf(result: Result, alarms: readonly string[] = []): Entry {
  return entrySchema.parse({ ...result, alarms });
}

/** Below this, a prediction is a figure and not a range, ms. */
const SHARP_MS = 1;

/**
 * The metric by which a scenario's runs are compared: `excess` is free of the fault's phase, but where the
 * model gives only bounds it is zero throughout, and `outage` tells more.
 */
export function comparedMetric(runs: readonly Pick<ScenarioEntry['runs'][number], 'predicted'>[]): string {
  const sharp = runs.some(
    ({ predicted }) => predicted && predicted.outage.max - predicted.outage.min < SHARP_MS,
  );
  return sharp ? 'excess' : 'outage';
}

/** The runs' values of a metric with their phases; invalid and skipped runs measured nothing. */
export function sampleOf(runs: ScenarioEntry['runs'], metric: string): Sample {
  const judged = runs.filter(
    (run) => (run.status === 'passed' || run.status === 'failed') && run.metrics[metric] !== undefined,
  );
  const names = new Set(judged.flatMap(({ phases }) => Object.keys(phases ?? {})));
  const advertPhase = (run: (typeof judged)[number]) => run.metrics.advertPhase ?? 0;
  const parts = [...names].map((name) => {
    const values = judged.flatMap((run) => {
      const value = run.phases?.[name];
      if (value === undefined) return [];
      // Detection begins with what was left of the interval: that is the fault's phase and no change.
      return [name === 'detection' ? value + advertPhase(run) : value];
    });
    return [name, values] as const;
  });
  return { values: judged.flatMap((run) => run.metrics[metric] ?? []), parts: Object.fromEntries(parts) };
}
