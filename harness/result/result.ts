import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CONFIGURATION_FILES } from '../analysis/model/settings.ts';
import { timingsSchema } from './timings.ts';

/** Raised when a field changes its meaning or goes. */
export const SCHEMA_VERSION = 2;
/** Earlier versions that can be read: 1 had one fault a run, and took every outage to be over. */
const READABLE = [1, SCHEMA_VERSION] as const;

const status = z.enum(['passed', 'failed', 'skipped', 'invalid']);
const ms = z.number();
/** A figure is null where it lies beyond what was seen: in too many runs the service had not returned. */
const summary = z.object({
  n: z.int(),
  /** Runs among the `n` whose length is only a lower bound. */
  notOver: z.int().default(0),
  min: ms.nullable(),
  median: ms.nullable(),
  p95: ms.nullable(),
  max: ms.nullable(),
  ci95: z.tuple([ms, ms.nullable()]).nullable(),
});

const check = z.object({ name: z.string(), status: z.enum(['passed', 'failed']), detail: z.string() });

/** `max` is null where there is no upper bound, as JSON has no infinity. */
export const bounds = z.object({
  min: ms,
  max: ms
    .or(z.literal(Number.POSITIVE_INFINITY))
    .nullable()
    .transform((max) => max ?? Number.POSITIVE_INFINITY),
  /** Why they are wider than they would be if more were known. */
  unsure: z.string().optional(),
});

const instant = z.object({ iso: z.string(), ns: z.string() });

/** The outcome of one fault, repair or change. */
const outcome = {
  metrics: z.record(z.string(), ms),
  /** The parts of `outage`, by name. */
  phases: z.record(z.string(), ms).optional(),
  /** The parts of `packetOutage`. */
  packetPhases: z.record(z.string(), ms).optional(),
  predicted: z
    .object({
      outage: bounds,
      /** The same for a fault right after an advertisement: it depends on the configuration alone. */
      atPhaseZero: bounds.optional(),
      /** The amphora that is to take over. */
      backup: z.string().optional(),
    })
    .optional(),
  /**
   * False where the service had not returned when observation ended: `outage`, `packetOutage` and `excess` are then
   * at least so long. Absent where nothing was measured.
   */
  over: z.boolean().optional(),
  /** By phase, the responsible process that waited longest: for a processor, a lock of the kernel, or the disk. */
  starved: z
    .array(
      z.object({
        ...{ phase: z.string(), node: z.string(), process: z.string(), waitedMs: ms },
        lock: z.string().optional(),
        disk: z.string().optional(),
      }),
    )
    .optional(),
  /** Lost requests by cause: `time-out`, `refused`, `reset`, `503` … */
  losses: z.record(z.string(), z.int()).optional(),
  /** The service was only partly back: since when, until when (absent: to the end), and the failed share. */
  degraded: z.object({ sinceMs: ms, untilMs: ms.optional(), failedShare: z.number() }).optional(),
};

const episode = z.object({
  kind: z.enum(['fault', 'heal', 'change', 'mark']),
  name: z.string(),
  /** The node that it was done to. */
  target: z.string(),
  at: instant,
  /** Whether the run is judged by it. */
  judged: z.boolean(),
  ...outcome,
});

export const runSchema = z.object({
  index: z.int(),
  status,
  /** Why it is not `passed`. */
  reason: z.string().optional(),
  labUpMs: ms,
  wallMs: ms,
  /** The model of the episode that the run is judged by, as are metrics and phases: of several, the worst. */
  faultAt: instant.optional(),
  ...outcome,
  /** All that was done in the run, in its order. */
  episodes: z.array(episode).default([]),
  checks: z.array(check),
  events: z.array(z.object({ atMs: ms, source: z.string(), kind: z.string(), detail: z.string() })),
  /** Files, relative to the result's folder. */
  artifacts: z.object({ capture: z.string().optional(), logs: z.array(z.string()) }),
  versions: z.record(z.string(), z.string()),
  /** Where its time went, until it was judged. */
  timings: timingsSchema.optional(),
});

const scenarioSchema = z.object({
  name: z.string(),
  title: z.string(),
  status,
  reason: z.string().optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  runs: z.array(runSchema),
  /** By metric, over the runs that passed or failed: invalid ones measured the machine. */
  summary: z.record(z.string(), summary),
  /** The pair's settings by amphora and file, without identifiers. */
  configurations: z
    .record(z.string(), z.partialRecord(z.enum(CONFIGURATION_FILES), z.array(z.string())))
    .optional(),
});

export const resultSchema = z.object({
  schemaVersion: z.literal(READABLE).transform((): typeof SCHEMA_VERSION => SCHEMA_VERSION),
  id: z.string(),
  startedAt: z.string(),
  durationMs: ms,
  command: z.string(),
  seed: z.int(),
  environment: z.object({
    engine: z.string(),
    kernel: z.string(),
    cpus: z.int(),
    versions: z.record(z.string(), z.string()),
    /** What was tested, by part, where it was not the testbed's own system. */
    system: z.record(z.string(), z.string()).optional(),
    /** Digest of the above: figures of different environments are not compared silently. */
    fingerprint: z.string(),
  }),
  /** The part of a night that one machine ran; absent when it ran all. */
  shard: z.object({ index: z.int(), of: z.int() }).optional(),
  scenarios: z.array(scenarioSchema),
  /** Where the time of the command went besides its runs. */
  timings: timingsSchema.optional(),
});

export type RunResult = z.output<typeof runSchema>;
export type ScenarioResult = z.output<typeof scenarioSchema>;
export type ResultSummary = ScenarioResult['summary'][string];
export type Result = z.output<typeof resultSchema>;

/** A folder holds no result that this version reads; the message says why. */
export class UnreadableResult extends Error {
  override readonly name = 'UnreadableResult';
}

/** @throws UnreadableResult */
export async function readResult(folder: string): Promise<Result> {
  const file = join(folder, 'result.json');
  try {
    return resultSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new UnreadableResult(`${folder} holds no result: there is no result.json.`, { cause });
    const problem =
      cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : String(cause);
    throw new UnreadableResult(`${file} is no result of schema ${READABLE.join(' or ')}: ${problem}`, {
      cause,
    });
  }
}
