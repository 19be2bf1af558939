import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PHASES } from '../timeline/timeline.ts';

/** Raised when a field changes its meaning or goes. */
export const SCHEMA_VERSION = 1;

const status = z.enum(['passed', 'failed', 'skipped', 'invalid']);
const ms = z.number();
const summary = z.object({
  n: z.int(),
  min: ms,
  median: ms,
  p95: ms,
  max: ms,
  ci95: z.tuple([ms, ms]).nullable(),
});

const check = z.object({ name: z.string(), status: z.enum(['passed', 'failed']), detail: z.string() });

export const runSchema = z.object({
  index: z.int(),
  status,
  /** Why it is not `passed`. */
  reason: z.string().optional(),
  labUpMs: ms,
  wallMs: ms,
  faultAt: z.object({ iso: z.string(), ns: z.string() }).optional(),
  metrics: z.record(z.string(), ms),
  phases: z.object(Object.fromEntries(PHASES.map((name) => [name, ms]))).optional(),
  /** The parts of `packetOutage`. */
  packetPhases: z.object(Object.fromEntries(PHASES.map((name) => [name, ms]))).optional(),
  predicted: z.object({ outage: z.object({ min: ms, max: ms }) }).optional(),
  checks: z.array(check),
  events: z.array(z.object({ atMs: ms, source: z.string(), kind: z.string(), detail: z.string() })),
  /** Files, relative to the result's folder. */
  artifacts: z.object({ capture: z.string().optional(), logs: z.array(z.string()) }),
  versions: z.record(z.string(), z.string()),
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
});

export const resultSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
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
    /** Digest of the above: figures of unequal environments are not compared silently. */
    fingerprint: z.string(),
  }),
  /** Which part of a night one machine did; absent when it did the whole. */
  shard: z.object({ index: z.int(), of: z.int() }).optional(),
  scenarios: z.array(scenarioSchema),
});

export type RunResult = z.output<typeof runSchema>;
export type ScenarioResult = z.output<typeof scenarioSchema>;
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
    throw new UnreadableResult(`${file} is no result of schema ${SCHEMA_VERSION}: ${problem}`, { cause });
  }
}
