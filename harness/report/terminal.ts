import { PHASES } from '../timeline/timeline.ts';
import type { Result, RunResult, ScenarioResult } from './result.ts';
import { type Colors, table } from './terminal-text.ts';

const BAR_WIDTH = 56;
const MARKS = ['█', '▓', '▒', '░', '▉'] as const;

/** A result for people at a terminal; plain text where `colors` is off. */
export function terminalSummary(result: Result, colors: Colors): string {
  return result.scenarios.map((scenario) => scenarioText(scenario, colors)).join('\n');
}

function scenarioText(scenario: ScenarioResult, colors: Colors): string {
  const lines = ['', `${badge(scenario.status, colors)} ${colors.bold(scenario.name)}: ${scenario.title}`];
  if (scenario.reason) lines.push(`  ${scenario.reason}`);
  for (const run of scenario.runs) lines.push(...runText(run, scenario.runs.length > 1, colors));
  const outage = scenario.summary.outage;
  if (outage && outage.n > 1) {
    const interval = outage.ci95
      ? `, 95 % interval ${figure(outage.ci95[0])} to ${figure(outage.ci95[1])}`
      : '';
    lines.push(
      '',
      `  outage over ${outage.n} runs: median ${figure(outage.median)}${interval}, from ${figure(outage.min)} to ${figure(outage.max)}`,
    );
  }
  return lines.join('\n');
}

function runText(run: RunResult, many: boolean, colors: Colors): string[] {
  const { metrics } = run;
  const lines: string[] = [''];
  if (many) lines.push(`  ${badge(run.status, colors)} run ${run.index}`);
  if (run.reason) lines.push(`  ${run.reason}`);
  for (const check of run.checks.filter((entry) => entry.status === 'failed')) {
    lines.push(`  ${colors.red('✗')} ${check.name}: ${check.detail}`);
  }
  if (metrics.outage === undefined || !run.phases) return lines;
  const bound = run.predicted?.outage;
  lines.push(
    `  outage ${colors.bold(figure(metrics.outage))} ± ${figure(metrics.uncertainty ?? 0)}${
      bound
        ? `; the protocol demands ${range(bound)} for a fault ${figure(metrics.advertPhase ?? 0)} after the last advertisement`
        : ''
    }`,
    `  ${bar(run.phases, metrics.outage)}`,
  );
  const rows = PHASES.map((name, n) => [
    MARKS[n] ?? '',
    name,
    (run.phases?.[name] ?? 0).toFixed(1),
    UNTIL[name],
  ]);
  lines.push(table(['', 'phase', 'ms', 'until'], rows, { indent: '  ' }));
  const excess =
    metrics.excess === undefined ? '' : `, ${figure(metrics.excess)} more than the protocol demands`;
  lines.push(`  ${metrics.lost ?? 0} requests lost${excess}`);
  return lines;
}

const UNTIL = {
  detection: 'first advertisement of the new master, at the switch',
  promotion: 'VIP on its interface',
  announcement: 'first gratuitous ARP, at the switch',
  learning: "router's neighbour entry",
  recovery: 'first request answered',
} as const;

/** The phases in proportion; each that has a length shows at least once. */
function bar(phases: NonNullable<RunResult['phases']>, outageMs: number): string {
  return PHASES.map((name, n) => {
    const length = phases[name] ?? 0;
    const cells = length <= 0 ? 0 : Math.max(1, Math.round((length / outageMs) * BAR_WIDTH));
    return (MARKS[n] ?? '').repeat(cells);
  }).join('');
}

function badge(status: RunResult['status'], colors: Colors): string {
  const paint = { passed: colors.green, failed: colors.red, skipped: colors.yellow, invalid: colors.yellow };
  return paint[status](status);
}

function figure(valueMs: number): string {
  return `${valueMs.toFixed(valueMs < 100 ? 1 : 0)} ms`;
}

function range({ min, max }: { min: number; max: number }): string {
  return max - min < 0.5 ? figure(min) : `${figure(min)} to ${figure(max)}`;
}
