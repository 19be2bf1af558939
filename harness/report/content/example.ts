import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { summarise } from '../../analysis/statistics/summary.ts';
import { type Result, type RunResult, readResult, type ScenarioResult } from '../../result/result.ts';
import type { Background } from './background.ts';
import { runFolder } from './run-label.ts';

/** A real run of master-kill, its history and journals cut to what lies around the fault. */
const REAL = fileURLToPath(new URL('./example', import.meta.url));

/** A result in a folder of its own, which goes when it is disposed of. */
export interface Example extends AsyncDisposable {
  readonly folder: string;
  readonly result: Result;
}

/**
 * A result for tests and screenshots, made from one real run: with a scenario of each verdict, and text that a
 * careless renderer would take for markup.
 */
export async function exampleReport(): Promise<Example> {
  const real = await readResult(REAL);
  const [scenario] = real.scenarios;
  const [run] = scenario?.runs ?? [];
  if (!scenario || !run) throw new Error(`${REAL} holds no run.`);
  const failed = shifted(run, 'run-2', 412, {
    status: 'failed',
    reason: 'outage as the protocol demands: <3612 ms> & more',
  });
  const invalid = shifted(run, 'run-3', 97, {
    status: 'invalid',
    reason: 'The machine was too busy: a request was sent 215 ms late.',
  });
  const again = shifted(run, 'run-3-again-1', 4, { status: 'passed' });
  const many = Array.from({ length: 12 }, (_, n) =>
    shifted(run, `run-${n + 1}`, Math.sin(n) * 9, { status: 'passed' }),
  );
  const scenarios = [
    variant(scenario, 'master-kill', 'passed', many),
    variant(
      scenario,
      'garp-lost',
      'failed',
      [shifted(run, 'run-1', 0, { status: 'passed' }), failed, invalid, again],
      failed.reason,
    ),
    variant(scenario, 'keepalived-hang', 'invalid', [invalid], invalid.reason),
    variant(scenario, 'partition', 'skipped', [], 'no netem'),
  ];
  const folder = await mkdtemp(join(tmpdir(), 'report-example-'));
  for (const place of new Set(
    scenarios.flatMap(({ runs }) => runs.flatMap((entry) => runFolder(entry) ?? [])),
  )) {
    await mkdir(dirname(join(folder, place)), { recursive: true });
    await symlink(join(REAL, 'master-kill', 'run-1'), join(folder, place));
  }
  return {
    folder,
    result: { ...real, scenarios },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** A history of thirty nights in which master-kill got slower ten nights ago, and was found out. */
export function exampleBackground({ environment, scenarios }: Result): Background {
  const level = scenarios[0]?.summary.excess?.median ?? 0;
  const trend = Array.from({ length: 30 }, (_, night) => {
    const median = level + (night < 20 ? -38 : 0) + 4 * Math.sin(night * 2.3);
    return {
      scenario: 'master-kill',
      id: `night-${night}`,
      startedAt: new Date(Date.UTC(2026, 9, 1 + night, 1)).toISOString(),
      fingerprint: night < 8 ? 'another' : environment.fingerprint,
      status: night === 13 ? ('failed' as const) : ('passed' as const),
      n: 12,
      notOver: 0,
      outage: { median: 3648 + median, ci95: [3642 + median, 3654 + median] as [number, number] },
      demanded: { min: 3648, max: 3648 },
      excess: { median, ci95: [median - 6, median + 6] as [number, number] },
      ...(night === 20 && { changePoint: '+38 ms' }),
    };
  });
  return {
    baseline: { id: 'night-19', startedAt: trend[19]?.startedAt ?? '', fingerprint: 'another' },
    changes: [
      {
        scenario: 'master-kill',
        metric: 'excess',
        verdict: 'regressed',
        effectMs: 38,
        interval: [31, 45],
        p: 0.0002,
        minimumEffectMs: 25,
        phase: 'announcement',
        n: { baseline: 12, now: 12 },
      },
      {
        scenario: 'garp-lost',
        metric: 'excess',
        verdict: 'uncertain',
        effectMs: 9,
        interval: [-70, 88],
        p: 0.4,
        minimumEffectMs: 25,
        n: { baseline: 12, now: 3 },
      },
    ],
    trend,
  };
}

function shifted(
  run: RunResult,
  place: string,
  ms: number,
  outcome: Pick<RunResult, 'status' | 'reason'>,
): RunResult {
  const { outage = 0, excess = 0, ...metrics } = run.metrics;
  const { reason: _, ...rest } = run;
  return {
    ...rest,
    ...outcome,
    index: Number(/\d+/.exec(place)?.[0]),
    artifacts: inFolder(run.artifacts, place),
    metrics: { ...metrics, outage: outage + ms, excess: excess + ms },
    ...(outcome.status === 'failed' && {
      checks: [
        ...run.checks.slice(0, -1),
        { name: 'outage as the protocol demands', status: 'failed', detail: 'measured <3612 ms>' },
      ],
    }),
  };
}

function inFolder({ capture, logs }: RunResult['artifacts'], place: string): RunResult['artifacts'] {
  const moved = (file: string) => join(dirname(dirname(file)), place, basename(file));
  return { ...(capture && { capture: moved(capture) }), logs: logs.map(moved) };
}

function variant(
  scenario: ScenarioResult,
  name: string,
  status: ScenarioResult['status'],
  runs: RunResult[],
  reason?: string,
): ScenarioResult {
  const valid = runs.filter((run) => run.status === 'passed' || run.status === 'failed');
  const summary = (metric: string) => {
    const { ci95, ...rest } = summarise(valid.map((run) => run.metrics[metric] ?? 0));
    return { ...rest, ci95: ci95 && ([ci95[0], ci95[1]] as [number, number]) };
  };
  return {
    ...scenario,
    name,
    status,
    ...(reason !== undefined && { reason }),
    runs: runs.map((run) => ({
      ...run,
      artifacts: {
        ...(run.artifacts.capture && { capture: run.artifacts.capture.replace(scenario.name, name) }),
        logs: run.artifacts.logs.map((log) => log.replace(scenario.name, name)),
      },
    })),
    summary: valid.length ? { outage: summary('outage'), excess: summary('excess') } : {},
  };
}
