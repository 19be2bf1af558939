import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MINIMUM_DEMAND_MS } from '../../compare/history/limits.ts';
import { UnreadableResult } from '../../result/result.ts';
import { writeWhole } from '../../result/write-whole.ts';
import { machineSchema } from '../machine.ts';

const FILE = 'night.json';

const stateSchema = z.object({
  stateVersion: z.literal(1),
  id: z.string(),
  startedAt: z.iso.datetime(),
  command: z.string(),
  seed: z.int(),
  set: z.array(z.string()),
  /** `key=value` of `--with`. */
  with: z.array(z.string()).default([]),
  scenarios: z.array(z.string()),
  budgetMs: z.number(),
  /** Time spent by all invocations so far, without the pauses between them. */
  spentMs: z.number(),
  baseline: z.string(),
  minimumEffectMs: z.number(),
  minimumDemandMs: z.number().default(MINIMUM_DEMAND_MS),
  /** A change of what the configuration demands is wanted. */
  acceptDemand: z.boolean().default(false),
  mixed: z.boolean(),
  reuse: z.boolean().default(false),
  shard: z.object({ index: z.int(), of: z.int() }).optional(),
  /** Workers perform the runs. */
  queued: z.boolean().default(false),
  /** Those on which they did, the first one first. */
  machines: z.array(machineSchema).optional(),
  /** By scenario that was suspected: the number of the first run of its second batch. */
  confirmation: z.record(z.string(), z.int()),
  done: z.boolean(),
});

/** What a night needs to continue after it was killed, besides its stored runs. */
export type NightState = z.output<typeof stateSchema>;

/** Writes the state in one step: a killed process leaves the old state or the new one. */
export async function writeNightState(folder: string, state: NightState): Promise<void> {
  await writeWhole(join(folder, FILE), `${JSON.stringify(state, undefined, 2)}\n`);
}

/** @throws UnreadableResult */
export async function readNightState(folder: string): Promise<NightState> {
  const file = join(folder, FILE);
  try {
    return stateSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new UnreadableResult(`${folder} holds no night: there is no ${FILE}.`, { cause });
    const problem =
      cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : (cause as Error).message;
    throw new UnreadableResult(`${file} is no state of a night: ${problem}`, { cause });
  }
}

/**
 * The newest unfinished night below a folder of reports.
 *
 * @throws UnreadableResult when there is none
 */
export async function unfinishedNight(reports: string): Promise<{ folder: string; state: NightState }> {
  const entries = await readdir(reports).catch(() => []);
  const nights = await Promise.all(
    entries
      .filter((entry) => entry.startsWith('night-'))
      .map(async (entry) => {
        const folder = join(reports, entry);
        return { folder, state: await readNightState(folder).catch(() => undefined) };
      }),
  );
  const [newest] = nights
    .flatMap(({ folder, state }) => (state && !state.done ? [{ folder, state }] : []))
    .sort((a, b) => (a.state.startedAt < b.state.startedAt ? 1 : -1));
  if (newest) return newest;
  throw new UnreadableResult(`${reports} holds no night to resume.`);
}
