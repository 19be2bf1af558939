import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { bounds, UnreadableResult } from '../../result/result.ts';
import { writeWhole } from '../../result/write-whole.ts';

const FILE = 'background.json';
const ms = z.number();
/** An end is null where it lies beyond what was seen. */
const interval = z.tuple([ms.nullable(), ms.nullable()]);
/** Null where the median lies beyond what was seen: in too many runs the service had not returned. */
const level = z.object({ median: ms.nullable(), ci95: z.tuple([ms, ms.nullable()]).nullable() });

/** How a scenario's metric changed since the baseline. */
const changeSchema = z.object({
  scenario: z.string(),
  /** As in result.json: `outage` or `packetOutage`. */
  metric: z.string(),
  /**
   * `accepted`: the configuration demands something else, and that was wanted; `uncertain`: the runs do not suffice
   * to exclude a change of `minimumEffectMs`.
   */
  verdict: z.enum(['regressed', 'improved', 'accepted', 'unchanged', 'uncertain']),
  /** The change in a sentence: the configuration's part and software's. */
  text: z.string().optional(),
  /** Now less baseline. */
  effectMs: ms,
  /** Whether the effect is a lower bound: an outage that is not over has no length. */
  atLeast: z.literal(true).optional(),
  /** Confidence interval of the effect, 95 %. */
  interval,
  /** Mann-Whitney's two-sided probability of a difference this large by chance. */
  p: z.number().min(0).max(1),
  minimumEffectMs: ms,
  /** The phase that the change is attributed to. */
  phase: z.string().optional(),
  /** Runs on either side. */
  n: z.object({ baseline: z.int(), now: z.int() }),
});

/** One invocation in a scenario's history. */
const trendPointSchema = z.object({
  scenario: z.string(),
  /** Id of the result. */
  id: z.string(),
  startedAt: z.iso.datetime(),
  fingerprint: z.string(),
  status: z.enum(['passed', 'failed', 'skipped', 'invalid']),
  n: z.int(),
  /** Runs among the `n` in which the service had not returned. */
  notOver: z.int().default(0),
  /**
   * Medians over the runs, and their confidence intervals of 95 % where there are runs enough. Outages are those of
   * a fault right after an advertisement.
   */
  outage: level.optional(),
  packetOutage: level.optional(),
  excess: level.optional(),
  /** The part of that outage which the configuration demands. */
  demanded: bounds.optional(),
  /** The level changed here, as the analysis of the whole history says. */
  changePoint: z.string().optional(),
});

const backgroundSchema = z.object({
  /** What `changes` compares with; absent when there was no comparison. */
  baseline: z.object({ id: z.string(), startedAt: z.iso.datetime(), fingerprint: z.string() }).optional(),
  changes: z.array(changeSchema).default([]),
  /** Earlier invocations, in any order; this one is added by the report. */
  trend: z.array(trendPointSchema).default([]),
});

export type Change = z.output<typeof changeSchema>;
export type TrendPoint = z.output<typeof trendPointSchema>;

/** What a result is compared with: a baseline and the history. */
export type Background = z.output<typeof backgroundSchema>;

/**
 * Keeps the background beside a result, so that its report can be drawn again: before `writeReport`.
 *
 * @public
 */
export async function writeBackground(folder: string, background: Background): Promise<void> {
  await writeWhole(join(folder, FILE), `${JSON.stringify(background, undefined, 2)}\n`);
}

/**
 * The background of a result; empty where none was written.
 *
 * @throws UnreadableResult when the file is no background
 */
export async function readBackground(folder: string): Promise<Background> {
  const file = join(folder, FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return backgroundSchema.parse(JSON.parse(text));
  } catch (cause) {
    const problem =
      cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : String(cause);
    throw new UnreadableResult(`${file} is no background of a result: ${problem}`, { cause });
  }
}
