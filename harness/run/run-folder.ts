import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { factsSchema, type RunFacts, type StoredRun } from '../analysis/verdict/facts.ts';
import type { Observation } from '../observations/observation.ts';
import type { RunId } from '../result/progress.ts';
import { type RunResult, runSchema, UnreadableResult } from '../result/result.ts';
import { writeWhole } from '../result/write-whole.ts';

/** Names in a run's folder; those of journals and configurations are in its facts. */
export const RUN_FILES = {
  facts: 'facts.json',
  /** What is known of it while it is under way. */
  begun: 'begun.json',
  history: 'observations.jsonl',
  verdict: 'run.json',
} as const;

/** The folder of a run in that of its invocation. */
export function runFolder({ scenario, index, attempt }: RunId): string {
  return join(scenario, attempt === 1 ? `run-${index}` : `run-${index}-again-${attempt - 1}`);
}

/** Writes a run's facts; its history and journals have been written already. */
export async function writeFacts(folder: string, facts: RunFacts): Promise<void> {
  await writeWhole(join(folder, RUN_FILES.facts), `${JSON.stringify(facts, undefined, 2)}\n`);
  await rm(join(folder, RUN_FILES.begun), { force: true });
}

/** Writes what is known of a run that is under way, for those who follow it. */
export async function writeBegun(folder: string, facts: RunFacts): Promise<void> {
  await writeWhole(join(folder, RUN_FILES.begun), JSON.stringify(facts));
}

/** Reads the same; undefined before it is known, and once the run is over. */
export async function readBegun(folder: string): Promise<RunFacts | undefined> {
  const text = await readFile(join(folder, RUN_FILES.begun), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : factsSchema.parse(JSON.parse(text));
}

/**
 * Reads a run as its folder holds it.
 *
 * @throws UnreadableResult
 */
export async function readStoredRun(folder: string): Promise<StoredRun> {
  const facts = await parsed(join(folder, RUN_FILES.facts), (text) => factsSchema.parse(JSON.parse(text)));
  const history = await parsed(join(folder, RUN_FILES.history), (text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Observation),
  );
  const [journals, configurations] = await Promise.all([
    // A journal is absent when the lab ended before it was asked for.
    eachNode(facts.journals, (file) => readFile(join(folder, file), 'utf8').catch(() => '')),
    configurationsIn(folder, facts),
  ]);
  return { facts, history, journals, configurations };
}

/**
 * Reads only the configuration of a run's pair.
 *
 * @returns nothing where there is no run, or none that came so far
 * @throws UnreadableResult
 */
export async function readConfigurations(folder: string): Promise<StoredRun['configurations']> {
  const file = join(folder, RUN_FILES.facts);
  if (!existsSync(file)) return {};
  return configurationsIn(folder, await parsed(file, (text) => factsSchema.parse(JSON.parse(text))));
}

/** The name of a run's lab; undefined where it had none. */
export async function labOf(folder: string): Promise<string | undefined> {
  const facts = await parsed(join(folder, RUN_FILES.facts), (text) => factsSchema.parse(JSON.parse(text)));
  return facts.lab;
}

function configurationsIn(folder: string, facts: RunFacts): Promise<StoredRun['configurations']> {
  return eachNode(facts.configurations, async ({ keepalived, haproxy }) => ({
    keepalived: await parsed(join(folder, keepalived), (text) => text),
    haproxy: await parsed(join(folder, haproxy), (text) => text),
  }));
}

/**
 * Writes the verdict on a run beside what it was judged by, in one step: a verdict that is there is of a run
 * that is done, whatever killed this process.
 */
export async function writeVerdict(folder: string, run: RunResult): Promise<void> {
  await writeWhole(join(folder, RUN_FILES.verdict), `${JSON.stringify(run)}\n`);
}

/**
 * @returns undefined where there is none: such a folder is no run
 * @throws UnreadableResult
 */
export async function readVerdict(folder: string): Promise<RunResult | undefined> {
  const file = join(folder, RUN_FILES.verdict);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parsed(file, (content) => runSchema.parse(JSON.parse(content)));
}

async function parsed<T>(file: string, parse: (text: string) => T): Promise<T> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const problem =
      cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : String(cause);
    throw new UnreadableResult(`${file} cannot be read as part of a stored run: ${problem}`, { cause });
  }
}

async function eachNode<T, U>(
  entries: Readonly<Record<string, T>>,
  act: (entry: T) => Promise<U>,
): Promise<Record<string, U>> {
  return Object.fromEntries(
    await Promise.all(
      Object.entries(entries).map(async ([node, entry]) => [node, await act(entry)] as const),
    ),
  );
}
