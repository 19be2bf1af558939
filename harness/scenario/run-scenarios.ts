import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../engine/engine.ts';
import { PROJECT_ROOT } from '../images/project.ts';
import { type Result, type RunResult, SCHEMA_VERSION } from '../report/result.ts';
import { runAva } from '../tap/ava.ts';
import { parametersFor } from './parameters.ts';
import { PLAN_VARIABLE, type Plan, type TestPlan } from './plan.ts';
import type { Scenario } from './scenario.ts';
import { scenarioResult } from './scenario-result.ts';
import { Slots } from './slots.ts';

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
  /** Labs at once, over all scenarios and runs. */
  readonly parallel: number;
  readonly id: string;
  readonly command: string;
  readonly onRun: (run: { readonly name: string; readonly ok: boolean }) => void;
  readonly signal: AbortSignal;
}): Promise<Result> {
  const { engine, scenarios, plan, signal } = request;
  await mkdir(plan.folder, { recursive: true });
  const startedAt = new Date();
  await using slots = await Slots.open(request.parallel);
  const testPlan: TestPlan = { ...plan, slots: slots.address };
  const tap = await runAva({
    args: [
      '--config',
      'harness/scenario/ava.config.js',
      `--concurrency=${Math.min(request.parallel, scenarios.length)}`,
      ...scenarios.map(({ name }) => `scenarios/${name}.ts`),
    ],
    env: { [PLAN_VARIABLE]: JSON.stringify(testPlan) },
    onAssert: request.onRun,
    tapFile: join(plan.folder, 'scenario.tap'),
    showErrors: plan.keep,
    signal,
  });
  // The folder may hold runs of earlier invocations too: those of a night that goes on.
  const results = await Promise.all(
    scenarios.map(({ name, title, parameters }) =>
      scenarioResult(plan.folder, { name, title, parameters: parametersFor(parameters, plan.set) }),
    ),
  );
  const expected = scenarios.reduce((sum, { name }) => sum + (plan.jobs[name]?.length ?? 0), 0);
  const recorded = results.every((result) => result.runs.length > 0);
  if (tap.results.count !== expected || !recorded || tap.green !== tap.results.ok) {
    throw new RunnerFailed(
      `AVA accounted for ${tap.results.count} of ${expected} runs (exit code ${tap.exitCode}): ${tap.complaint || failureOf(tap.results) || 'it said nothing'}`,
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

/** What the first test that failed said. */
function failureOf({ failures }: Awaited<ReturnType<typeof runAva>>['results']): string {
  const { message, at } = (failures[0]?.diag ?? {}) as { message?: string; at?: string };
  return [message ?? failures[0]?.name, at].filter(Boolean).join(' ');
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
