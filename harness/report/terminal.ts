import { figure } from '../analysis/statistics/milliseconds.ts';
import { PHASES } from '../analysis/timeline/phases.ts';
import type { Result, ResultSummary, RunResult, ScenarioResult } from '../result/result.ts';
import {
  aftermathText,
  intervalText,
  lossesText,
  notOverText,
  outageText,
  PACKETS_ARE,
  phaseText,
  range,
} from './content/figures.ts';
import { ofWhichStarved } from './content/starved.ts';
import { timingWords } from './content/timings.ts';
import { type Colors, table } from './terminal-text.ts';

const BAR_WIDTH = 56;

/** A result for people at a terminal; plain text where `colors` is off. */
export function terminalSummary(result: Result, colors: Colors): string {
  return result.scenarios.map((scenario) => scenarioText(scenario, colors)).join('\n');
}

function scenarioText(scenario: ScenarioResult, colors: Colors): string {
  const lines = ['', `${badge(scenario.status, colors)} ${colors.bold(scenario.name)}: ${scenario.title}`];
  if (scenario.reason) lines.push(`  ${scenario.reason}`);
  for (const run of scenario.runs) lines.push(...runText(run, scenario.runs.length > 1, colors));
  const { outage, packetOutage } = scenario.summary;
  if (outage && outage.n > 1) {
    lines.push('', `  outage over ${outage.n} runs: ${spreadText(outage)}`);
    if (packetOutage) {
      lines.push(`  packets over ${packetOutage.n} runs: ${spreadText(packetOutage)} (${PACKETS_ARE})`);
    }
  }
  return lines.join('\n');
}

/** Where the time of a command went; a sentence where its result does not say. */
export function timingsText(result: Result): string {
  const words = timingWords(result);
  if (!words) return 'The result does not say where the time went.';
  return [words.title, table(words.head, words.rows), words.sum].join('\n');
}

/** The spread of the runs, as far as it was observed. */
function spreadText(summary: ResultSummary): string {
  const { median, ci95, min, max } = summary;
  const notOver = notOverText(summary);
  const ends = min === null ? [] : [`from ${figure(min)}${max === null ? '' : ` to ${figure(max)}`}`];
  return [
    ...(median === null ? [] : [`median ${figure(median)}`]),
    ...(ci95 && median !== null ? [`95 % interval ${intervalText(ci95)}`] : []),
    ...(notOver ? [notOver] : []),
    ...ends,
  ].join(', ');
}

function runText(run: RunResult, many: boolean, colors: Colors): string[] {
  const { metrics, over } = run;
  const lines: string[] = [''];
  if (many) lines.push(`  ${badge(run.status, colors)} run ${run.index}`);
  if (many && run.reason) lines.push(`  ${run.reason}`);
  for (const check of run.checks.filter((entry) => entry.status === 'failed')) {
    lines.push(`  ${colors.red('✗')} ${check.name}: ${check.detail}`);
  }
  if (metrics.outage === undefined) return lines;
  const bound = run.predicted?.outage;
  const within = over === false ? '' : ` ± ${figure(metrics.uncertainty ?? 0)}`;
  lines.push(
    `  outage ${colors.bold(outageText(metrics.outage, over))}${within}${
      bound ? `; the protocol demands ${range(bound)} ${phaseText(metrics.advertPhase ?? 0)}` : ''
    }`,
  );
  if (metrics.packetOutage !== undefined) {
    lines.push(
      `  packets ${outageText(metrics.packetOutage, over)} ± ${figure(metrics.packetUncertainty ?? 0)}${many ? '' : ` (${PACKETS_ARE})`}`,
    );
  }
  if (run.phases) lines.push(`  ${bar(run.phases, metrics.outage)}`, phaseTable(run.phases));
  const judged = run.episodes.filter((episode) => episode.metrics.outage !== undefined);
  if (judged.length > 1) lines.push(episodeTable(judged));
  const excess =
    metrics.excess === undefined ? '' : `, ${excessText(metrics.excess, over)}${ofWhichStarved(run)}`;
  lines.push(`  ${metrics.lost ?? 0} requests lost${lossesText(run)}${excess}`);
  lines.push(...aftermathText(run).map((line) => `  ${line}`));
  return lines;
}

/** `4.2 ms more than the protocol demands`. */
function excessText(excess: number, over: boolean | undefined): string {
  const size = outageText(Math.abs(excess), over);
  return `${size} ${excess < 0 ? 'less' : 'more'} than the protocol demands`;
}

function phaseTable(phases: NonNullable<RunResult['phases']>): string {
  const rows = PHASES.map(({ name, mark, short }) => [mark, name, (phases[name] ?? 0).toFixed(1), short]);
  return table(['', 'phase', 'ms', 'until'], rows, { indent: '  ' });
}

/** Each fault, repair and change of a run that had an outage; the run is judged by the marked ones. */
function episodeTable(episodes: RunResult['episodes']): string {
  const rows = episodes.map(({ kind, name, target, judged, metrics, predicted, over }) => [
    judged ? '•' : '',
    `${kind}: ${name}, ${target}`,
    outageText(metrics.outage ?? 0, over),
    metrics.packetOutage === undefined ? '–' : outageText(metrics.packetOutage, over),
    predicted ? range(predicted.outage) : '–',
    metrics.excess === undefined ? '–' : figure(metrics.excess),
  ]);
  return table(['', 'what was done', 'outage', 'packets', 'demanded', 'excess'], rows, { indent: '  ' });
}

/** The phases in proportion; each that has a length shows at least once. */
function bar(phases: NonNullable<RunResult['phases']>, outageMs: number): string {
  return PHASES.map(({ name, mark }) => {
    const length = phases[name] ?? 0;
    const cells = length <= 0 || outageMs <= 0 ? 0 : Math.max(1, Math.round((length / outageMs) * BAR_WIDTH));
    return mark.repeat(cells);
  }).join('');
}

function badge(status: RunResult['status'], colors: Colors): string {
  const paint = { passed: colors.green, failed: colors.red, skipped: colors.yellow, invalid: colors.yellow };
  return paint[status](status);
}
