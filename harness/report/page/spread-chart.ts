import { scaleLinear } from 'd3-scale';
import { length } from '../../analysis/statistics/milliseconds.ts';
import type { RunResult, ScenarioResult } from '../../result/result.ts';
import { notOverText, outageText } from '../content/figures.ts';
import { runLabel } from '../content/run-label.ts';
import { html, many, type Piece } from './html.ts';
import { markPath } from './mark.ts';

const WIDTH = 960;
const LEFT = 104;
const RIGHT = 16;
const TOP = 34;

/** Each run's outage beside its demand, and above them the median with its interval. */
export function spreadChart({ runs, summary }: ScenarioResult): Piece {
  const measured = runs.filter((run) => run.metrics.outage !== undefined);
  const ends = measured.flatMap(({ metrics, predicted }) => {
    const { outage = 0, packetOutage = outage, uncertainty = 0 } = metrics;
    return [
      outage - uncertainty,
      outage + uncertainty,
      packetOutage,
      predicted?.outage.min ?? outage,
      predicted?.outage.max ?? outage,
    ].filter(Number.isFinite);
  });
  if (ends.length === 0) return undefined;
  const margin = Math.max(5, (Math.max(...ends) - Math.min(...ends)) * 0.05);
  const x = scaleLinear(
    [Math.min(...ends) - margin, Math.max(...ends) + margin],
    [LEFT, WIDTH - RIGHT],
  ).nice();
  const rowHeight = measured.length > 40 ? 8 : measured.length > 15 ? 12 : 18;
  const bottom = TOP + measured.length * rowHeight;
  const { outage } = summary;
  const px = (ms: number) => Math.round(Math.min(WIDTH, x(ms)) * 10) / 10;
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${bottom + 34}" role="img" aria-label="${ariaLabel(measured, outage)}">
    ${x.ticks(8).map(
      (ms) => html`<g><line class="grid" x1="${px(ms)}" x2="${px(ms)}" y1="6" y2="${bottom}" />
      <text class="tick" x="${px(ms)}" y="${bottom + 15}">${length(ms)}</text></g>`,
    )}
    ${
      outage &&
      html`<g><text class="label" x="0" y="19">median</text>
      ${outage.ci95 && html`<rect class="interval" x="${px(outage.ci95[0])}" y="9" width="${Math.max(2, (outage.ci95[1] === null ? WIDTH - RIGHT : px(outage.ci95[1])) - px(outage.ci95[0]))}" height="12" />`}
      ${outage.median !== null && html`<line class="median" x1="${px(outage.median)}" x2="${px(outage.median)}" y1="6" y2="${bottom}" />`}</g>`
    }
    ${measured.map((run, n) => row(run, TOP + n * rowHeight, rowHeight, px))}
    <text class="tick" x="${(LEFT + WIDTH) / 2}" y="${bottom + 31}">time that clients were cut off</text>
  </svg>`;
}

function row(run: RunResult, top: number, height: number, px: (ms: number) => number): Piece {
  const { metrics, predicted, status, over } = run;
  const { outage = 0, uncertainty = 0, packetOutage } = metrics;
  const middle = top + height / 2;
  const demanded = predicted?.outage;
  return html`<g>
    ${height >= 12 && html`<text class="small" x="0" y="${middle + 4}">${runLabel(run)}</text>`}
    ${demanded && html`<rect class="demanded" x="${px(demanded.min) - 2}" y="${top + 2}" width="${px(demanded.max) - px(demanded.min) + 4}" height="${height - 4}" />`}
    <line class="whisker" x1="${px(outage - uncertainty)}" x2="${px(outage + uncertainty)}" y1="${middle}" y2="${middle}" />
    ${over === false && html`<path class="whisker" d="M${px(outage)} ${middle}h14m-5 -4l5 4l-5 4" fill="none" />`}
    ${packetOutage !== undefined && html`<line class="packets" x1="${px(packetOutage)}" x2="${px(packetOutage)}" y1="${middle - 4}" y2="${middle + 4}"><title>${`${runLabel(run)}: packets ${outageText(packetOutage, over, length)}`}</title></line>`}
    <path class="mark ${status}" d="${markPath(status, px(outage), middle)}"><title>${`${runLabel(run)}: ${outageText(outage, over, length)}, ${status}`}</title></path>
  </g>`;
}

function ariaLabel(
  runs: readonly RunResult[],
  outage: ScenarioResult['summary'][string] | undefined,
): string {
  const told = outage && [
    ...(outage.median === null ? [] : [`median ${length(outage.median)}`]),
    ...(outage.min === null ? [] : [`from ${length(outage.min)}`]),
    ...(outage.max === null ? [] : [`to ${length(outage.max)}`]),
    ...(outage.notOver > 0 ? [notOverText(outage)] : []),
  ];
  return `Outage of ${many(runs.length, 'run')}${told ? `, ${told.join(', ')}` : ''}.`;
}
