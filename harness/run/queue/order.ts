import { z } from 'zod';
import { machineSchema } from '../machine.ts';
import { PREFIX } from './server.ts';

/** A run as a night asks workers for it. */
export const orderSchema = z.object({
  /** The id of the night's result. */
  night: z.string(),
  run: z.object({ scenario: z.string(), index: z.int(), attempt: z.int() }),
  phaseShare: z.number(),
  seed: z.int(),
  set: z.array(z.string()),
  reuse: z.boolean(),
});
export type QueuedOrder = z.output<typeof orderSchema>;

/** What a worker leaves when it is done: the key of the run's files. */
export const doneSchema = z.object({ files: z.string(), worker: z.string() });
export type Done = z.output<typeof doneSchema>;

/** What a worker announces as long as it is there. */
export const helloSchema = z.object({
  name: z.string(),
  /** How many runs it performs at once. */
  labs: z.int(),
  system: z.record(z.string(), z.string()),
  machine: machineSchema,
});
export type Hello = z.output<typeof helloSchema>;

export const WORKERS = `${PREFIX}:workers:`;

/** The key that is there as long as a night is: without it nobody waits for its runs. */
export function nightKey(night: string): string {
  return `${PREFIX}:nights:${night}`;
}

/** The name of a run in its queue: it is there once, however often it is asked for. */
export function runKey({ night, run }: Pick<QueuedOrder, 'night' | 'run'>): string {
  return `${night}-${run.scenario}-${run.index}-${run.attempt}`;
}
