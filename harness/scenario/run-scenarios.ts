import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { type FinalResults, Parser, type Result as TapAssertion } from 'tap-parser';
import type { Engine } from '../engine/engine.ts';
import { PROJECT_ROOT } from '../images/project.ts';
import {
  type Result,
  type RunResult,
  runSchema,
  SCHEMA_VERSION,
  type ScenarioResult,
} from '../report/result.ts';
import { summarise } from '../statistics/summary.ts';
import { PLAN_VARIABLE, type Plan } from './plan.ts';
import type { Scenario } from './scenario.ts';

const AVA = join(PROJECT_ROOT, 'node_modules/ava/entrypoints/cli.mjs');

/** AVA ended without a verdict on what it was given; the message holds what it said. */
export class RunnerFailed extends Error {
  override readonly name = 'RunnerFailed';
}

/**
 * Runs scenarios as AVA test files in a process of their own, reads their TAP, and puts the runs' results
 * together.
 *
 * @throws RunnerFailed when the TAP does not account for every run
 * @throws AbortError when the signal fires; the labs destroy themselves then
 */
export async function runScenarios(request: {
  readonly engine: Engine;
  readonly scenarios: readonly Scenario[];
  readonly plan: Plan;
  readonly id: string;
  readonly command: string;
  readonly onRun: (run: { readonly name: string; readonly ok: boolean }) => void;
  readonly signal: AbortSignal;
}): Promise<Result> {
  const { engine, scenarios, plan, signal } = request;
  await mkdir(plan.folder, { recursive: true });
  const startedAt = new Date();
  const tap = await runAva(scenarios, plan, request.onRun, signal);
  const results = await Promise.all(scenarios.map((scenario) => scenarioResult(scenario, plan)));
  const expected = scenarios.length * plan.runs;
  const recorded = results.every((result) => result.runs.some((run) => run.status !== 'skipped'));
  // tap-parser calls an empty run good, so the count must be right as well.
  if (tap.results.count !== expected || !recorded || (tap.exitCode === 0) !== tap.results.ok) {
    throw new RunnerFailed(
      `AVA accounted for ${tap.results.count} of ${expected} runs (exit code ${tap.exitCode}): ${tap.complaint || 'it said nothing'}`,
    );
  }
  const environment = await environmentOf(
    engine,
    results.flatMap((result) => result.runs),
  );
  return {
    schemaVersion: SCHEMA_VERSION,
    id: request.id,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    command: request.command,
    seed: plan.seed,
    environment,
    scenarios: results,
  };
}

async function runAva(
  scenarios: readonly Scenario[],
  plan: Plan,
  onRun: (run: { name: string; ok: boolean }) => void,
  signal: AbortSignal,
): Promise<{ results: FinalResults; exitCode: number; complaint: string }> {
  const child = execa(
    process.execPath,
    [
      AVA,
      '--tap',
      '--config',
      'harness/scenario/ava.config.js',
      ...scenarios.map(({ name }) => `scenarios/${name}.ts`),
    ],
    {
      cwd: PROJECT_ROOT,
      env: { [PLAN_VARIABLE]: JSON.stringify(plan), NODE_NO_WARNINGS: '1' },
      stdin: 'ignore',
      buffer: { stdout: false, stderr: true },
      reject: false,
      cancelSignal: signal,
      killSignal: 'SIGKILL',
    },
  );
  if (plan.keep) child.stderr.pipe(process.stderr);
  const { promise, resolve } = Promise.withResolvers<FinalResults>();
  const parser = new Parser((results) => resolve(results));
  parser.on('assert', ({ name, ok }: TapAssertion) => onRun({ name, ok }));
  child.stdout.on('data', (chunk: Buffer) => parser.write(chunk.toString()));
  child.stdout.on('end', () => parser.end());
  await pipeline(child.stdout, createWriteStream(join(plan.folder, 'scenario.tap'))).catch(() => {});
  const { exitCode, stderr } = await child;
  signal.throwIfAborted();
  return { results: await promise, exitCode: exitCode ?? 1, complaint: stderr.trim().slice(-600) };
}

async function scenarioResult({ name, title }: Scenario, plan: Plan): Promise<ScenarioResult> {
  const folder = join(plan.folder, name);
  const entries = await readdir(folder).catch(() => []);
  const runs = (
    await Promise.all(
      entries.map(async (entry) => {
        const content = await readFile(join(folder, entry, 'run.json'), 'utf8').catch(() => undefined);
        if (!content) return undefined;
        const run = runSchema.parse(JSON.parse(content));
        const inside = (file: string) => `${name}/${entry}/${file}`;
        const { capture, logs } = run.artifacts;
        return {
          ...run,
          artifacts: { ...(capture && { capture: inside(capture) }), logs: logs.map(inside) },
        };
      }),
    )
  )
    .filter((run) => run !== undefined)
    .sort((a, b) => a.index - b.index || a.wallMs - b.wallMs);
  const judged = runs.filter((run) => run.status === 'passed' || run.status === 'failed');
  const failed = judged.find((run) => run.status === 'failed');
  const status = failed ? 'failed' : judged.length < plan.runs ? 'invalid' : 'passed';
  const reason =
    failed?.reason ??
    (status === 'invalid' ? runs.find((run) => run.status === 'invalid')?.reason : undefined);
  return {
    name,
    title,
    status,
    ...(reason !== undefined && { reason }),
    parameters: plan.parameters,
    runs,
    summary: summaryOf(judged),
  };
}

function summaryOf(runs: readonly RunResult[]): ScenarioResult['summary'] {
  const names = new Set(runs.flatMap((run) => Object.keys(run.metrics)));
  return Object.fromEntries(
    [...names].map((name) => {
      const { ci95, ...rest } = summarise(runs.flatMap((run) => run.metrics[name] ?? []));
      return [name, { ...rest, ci95: ci95 ? [ci95[0], ci95[1]] : null }];
    }),
  );
}

async function environmentOf(engine: Engine, runs: readonly RunResult[]): Promise<Result['environment']> {
  const [info, packageJson] = await Promise.all([
    engine.docker.info(),
    readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'),
  ]);
  const { version } = JSON.parse(packageJson) as { version: string };
  const known = {
    engine: `Docker ${engine.version}`,
    kernel: String(info.KernelVersion),
    cpus: Number(info.NCPU),
    versions: {
      node: process.versions.node,
      agent: version,
      ...runs.find((run) => run.versions.keepalived)?.versions,
    },
  };
  const fingerprint = createHash('sha256').update(JSON.stringify(known)).digest('hex').slice(0, 12);
  return { ...known, fingerprint };
}
