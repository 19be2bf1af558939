import { figure, inMs, length, signed } from '../../analysis/statistics/milliseconds.ts';
import { PHASES } from '../../analysis/timeline/phases.ts';
import type { RunResult, ScenarioResult } from '../../result/result.ts';
import type { TrendPoint } from '../content/background.ts';
import { aftermathText, lossesText, outageText, phaseText, range } from '../content/figures.ts';
import { runLabel } from '../content/run-label.ts';
import { ofWhichStarved } from '../content/starved.ts';
import { html, many, type Piece } from './html.ts';
import { runChart, takeOverChart } from './run-chart.ts';
import type { RunPicture } from './run-picture.ts';
import { spreadChart } from './spread-chart.ts';
import { trendChart } from './trend-chart.ts';
import { STATUS_TEXT } from './verdict.ts';

/** A scenario: its figures over all runs, its trend, then every run by itself. */
export function scenarioSection(
  scenario: ScenarioResult,
  pictures: readonly (RunPicture | undefined)[],
  trend: readonly TrendPoint[],
): Piece {
  const { name, title, status, reason, parameters, runs, summary } = scenario;
  const { mark, word } = STATUS_TEXT[status];
  const spread = spreadChart(scenario);
  const course = trendChart(trend);
  const opened = Math.max(
    0,
    runs.findIndex((run) => run.status === (status === 'failed' ? 'failed' : 'passed')),
  );
  return html`<section class="scenario" id="${name}" aria-labelledby="${name}-title">
    <h2 id="${name}-title"><span class="badge ${status}"><span aria-hidden="true">${mark}</span> ${word}</span> ${name}</h2>
    <p class="lead">${title.charAt(0).toUpperCase() + title.slice(1)}.</p>
    ${reason && html`<p class="reason">${reason}</p>`}
    <p class="parameters">${Object.entries(parameters).map(([key, value]) => html`<code>${`${key}=${value}`}</code> `)}</p>
    ${
      spread &&
      html`<figure><h3>Every run beside its demand</h3><div class="scroll" tabindex="0" role="region" aria-label="Outages of ${name}">${spread}</div>
      <figcaption>Each mark is a run: ● passed, ✕ failed, △ disturbed by the machine; its line is the uncertainty; with an arrow to the right, the service had not returned; the small bar is the packets’ outage. The hatched band is what the
      protocol demands for the instant at which that run’s fault struck. The vertical line is the median${summary.outage?.ci95 ? ', the bar on top its 95 % interval' : ''}. Marks to
      the right of their band took longer than they had to.</figcaption></figure>`
    }
    ${
      course &&
      html`<figure class="trend"><h3>Trend</h3><div class="scroll" tabindex="0" role="region" aria-label="Trend of ${name}">${course}</div>
      <figcaption>The median outage of a fault right after an advertisement, one mark for each invocation, with its 95 % interval; small marks: the packets’; the hatched band: what the
      configuration demands. A dotted line: the environment changed there. A solid one: the level changed there.</figcaption></figure>`
    }
    <h3>${many(runs.length, 'run')}</h3>
    ${runs.length > 0 && howToRead()}
    ${runs.map((run, n) => runDetails(scenario, run, pictures[n], n === opened))}
  </section>`;
}

/** Once for all runs of a scenario: on the page of a whole night it would be a third of the bytes otherwise. */
function howToRead(): Piece {
  return html`<p class="how">In the pictures below, the shaded part is under the fault. Top: the phases that the outage is made of. Middle: requests by when they were sent, in the colour of the amphora that answered; hatched ones got no answer. Below, for each amphora: a bar while it has the VIP, hatched once nothing was heard of it any more; a tick for each advertisement (“I am the master”); ▲ for each gratuitous ARP (“the VIP is here now”). The phases follow each other: ${PHASES.map(({ name, until }) => html`<br /><i class="swatch ${name}"></i>${name}, until ${until}`)}.</p>`;
}

function runDetails(
  { name, reason }: ScenarioResult,
  run: RunResult,
  picture: RunPicture | undefined,
  open: boolean,
): Piece {
  const { metrics, predicted, status, checks, artifacts } = run;
  const { mark, word } = STATUS_TEXT[status];
  const label = runLabel(run);
  return html`<details id="${name}-${label.replaceAll(' ', '-')}" ${open && 'open'}>
    <summary><span class="badge ${status}"><span aria-hidden="true">${mark}</span> ${word}</span> ${label}
      ${metrics.outage !== undefined && html`<span class="figure">${outageText(metrics.outage, run.over, length)}${run.over === false ? '' : ` ± ${length(metrics.uncertainty ?? 0)}`}</span>`}
      ${metrics.packetOutage !== undefined && html`<span class="figure">${`packets ${outageText(metrics.packetOutage, run.over, length)}`}</span>`}
      ${metrics.excess !== undefined && html`<span class="figure">${`${outageText(metrics.excess, run.over, signed)} beyond the protocol`}</span>`}
    </summary>
    ${run.reason && run.reason !== reason && html`<p class="reason">${run.reason}</p>`}
    ${picture && timeFigure(`${name}, ${label}`, run, picture)}
    <div class="facts">
      ${phaseTable(run)}
      <div><h4>Checks</h4><ul class="checks">${checks.map(
        (check) => html`<li class="${check.status}">${check.name}<small>${check.detail}</small></li>`,
      )}</ul>
      ${predicted && html`<p>${`The protocol demands ${range(predicted.outage, length)}${metrics.advertPhase === undefined ? '' : ` ${phaseText(metrics.advertPhase, length)}`}.`}</p>`}
      ${metrics.excess !== undefined && ofWhichStarved(run) && html`<p>${`Excess ${length(metrics.excess)}${ofWhichStarved(run)}.`}</p>`}</div>
    </div>
    ${episodeTable(run)}
    ${picture && picture.log.length > 0 && logTable(`${name}, ${label}`, picture)}
    <p class="files">Files: ${artifacts.capture && html`<a href="${artifacts.capture}">capture for Wireshark</a> `}
      ${artifacts.logs.map((log) => html`<a href="${log}">${log.split('/').at(-1)}</a> `)}</p>
  </details>`;
}

export function timeFigure(
  label: string,
  run: RunResult,
  picture: RunPicture,
  machines?: readonly string[],
): Piece {
  return html`<figure><div class="scroll" tabindex="0" role="region" aria-label="${label} over time">${runChart(run, picture, machines)}${takeOverChart(run)}</div></figure>`;
}

export function phaseTable(run: RunResult): Piece {
  const { phases, metrics } = run;
  if (!phases) return undefined;
  const row = ({ name }: (typeof PHASES)[number]) =>
    html`<tr><th scope="row"><i class="swatch ${name}"></i>${name}</th><td class="number">${inMs(phases[name] ?? 0, 1)}</td></tr>`;
  return html`<div><h4>Phases of the outage</h4><table><thead><tr><th scope="col">phase</th><th scope="col" class="number">length</th></tr></thead>
    <tbody>${PHASES.map(row)}</tbody><tfoot><tr><th scope="row">together</th><td class="number">${inMs(metrics.outage ?? 0, 1)}</td></tr></tfoot></table><p>${`${many(metrics.lost ?? 0, 'request')} lost${lossesText(run)}.`}</p>${aftermathText(run).map((line) => html`<p>${line}.</p>`)}</div>`;
}

/** Where a run has several episodes: each with its own outage. */
function episodeTable({ episodes }: RunResult): Piece {
  const measured = episodes.filter(({ metrics }) => metrics.outage !== undefined);
  if (measured.length < 2) return undefined;
  const row = ({ kind, name, target, judged, metrics, predicted, over }: (typeof measured)[number]) =>
    html`<tr><th scope="row">${`${kind}: ${name}, ${target}`}</th><td>${judged ? 'yes' : 'no'}</td>
      <td class="number">${outageText(metrics.outage ?? 0, over)}</td><td class="number">${metrics.packetOutage === undefined ? '–' : outageText(metrics.packetOutage, over)}</td>
      <td class="number">${predicted ? range(predicted.outage) : '–'}</td><td class="number">${metrics.excess === undefined ? '–' : figure(metrics.excess)}</td></tr>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What was done"><table><caption>What was done, and what each step cost.</caption>
    <thead><tr><th scope="col">what</th><th scope="col">judged</th><th scope="col" class="number">outage</th><th scope="col" class="number">packets</th>
    <th scope="col" class="number">demanded</th><th scope="col" class="number">excess</th></tr></thead><tbody>${measured.map(row)}</tbody></table></div>`;
}

function logTable(label: string, { log }: RunPicture): Piece {
  return html`<details class="log"><summary>Logs around the fault</summary><div class="scroll" tabindex="0" role="region" aria-label="Logs of ${label}"><table>
    <thead><tr><th scope="col">since the fault</th><th scope="col">node</th><th scope="col">message</th></tr></thead>
    <tbody>${log.map(({ atMs, source, text }) => html`<tr><td>${inMs(atMs, 1)}</td><td>${source}</td><td>${text}</td></tr>`)}</tbody>
  </table></div></details>`;
}
