import { length, signed } from '../../analysis/statistics/milliseconds.ts';
import type { Result, ScenarioResult } from '../../result/result.ts';
import type { Background } from '../content/background.ts';
import { intervalText, notOverText, PACKETS_ARE, range, summaryFigure } from '../content/figures.ts';
import { html, many, type Piece } from './html.ts';
import { certainty, changeSentences, headline, STATUS_TEXT } from './verdict.ts';

/** The top of the page: the verdict, what changed, how sure that is, and a table of the scenarios. */
export function overview(result: Result, background: Background): Piece {
  const { baseline } = background;
  const sentences = changeSentences(background);
  const elsewhere = baseline && baseline.fingerprint !== result.environment.fingerprint;
  return html`<section id="overview" aria-labelledby="overview-title">
    <h1 id="overview-title">${headline(result, background)}</h1>
    <p class="lead">An amphora pair shares one address, the VIP. Each scenario breaks something on purpose and measures for
      how long clients were cut off, beside what the protocol itself takes.</p>
    <div class="facts">
      <div><h2>What changed</h2>${
        baseline
          ? html`<p>${`Compared with ${baseline.id} of ${baseline.startedAt.slice(0, 10)}.`}</p>
            ${elsewhere && html`<p class="warning">The baseline was measured in another environment: a difference may be the machine’s.</p>`}
            ${
              sentences.length
                ? html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`
                : html`<p>Nothing changed by more than the stated minimum.</p>`
            }`
          : html`<p>There was no baseline: this report says whether the figures are as the protocol demands, not whether they changed.</p>`
      }</div>
      <div><h2>How sure</h2><ul>${certainty(result).map((sentence) => html`<li>${sentence}</li>`)}</ul></div>
    </div>
    ${scenarioTable(result, background)}
  </section>`;
}

function scenarioTable({ scenarios }: Result, background: Background): Piece {
  const compared = background.changes.length > 0;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of scenarios"><table>
    <caption>Outage: how long requests were not answered. Packets: ${PACKETS_ARE}. Excess: what lies beyond the protocol’s own time, and is software’s to blame.</caption>
    <thead><tr><th scope="col">verdict</th><th scope="col">scenario</th><th scope="col" class="number">valid runs</th>
      <th scope="col" class="number">outage, median</th><th scope="col" class="number">95 % interval</th><th scope="col" class="number">packets, median</th>
      <th scope="col" class="number">demanded</th><th scope="col" class="number">excess, median</th>
      ${compared && html`<th scope="col">since the baseline</th>`}</tr></thead>
    <tbody>${scenarios.map((scenario) => tableRow(scenario, compared ? background : undefined))}</tbody>
  </table></div>`;
}

function tableRow(
  { name, title, status, runs, summary }: ScenarioResult,
  background: Background | undefined,
): Piece {
  const { mark, word } = STATUS_TEXT[status];
  const { outage, packetOutage, excess } = summary;
  const valid = runs.filter((run) => run.status === 'passed' || run.status === 'failed').length;
  const change = background?.changes.find((entry) => entry.scenario === name);
  const bounds = runs.flatMap(({ predicted }) => predicted?.outage ?? []);
  const demanded = bounds.length
    ? range(
        { min: Math.min(...bounds.map(({ min }) => min)), max: Math.max(...bounds.map(({ max }) => max)) },
        length,
      )
    : '–';
  return html`<tr>
    <td><span class="badge ${status}"><span aria-hidden="true">${mark}</span> ${word}</span></td>
    <th scope="row"><a href="#${name}">${name}</a><span class="title">${title}</span></th>
    <td class="number">${`${valid} of ${runs.length}`}</td>
    <td class="number">${summaryFigure(outage, outage?.median, length)}${outage && outage.median !== null && notOverText(outage) && html`<span class="title">${notOverText(outage)}</span>`}</td>
    <td class="number">${outage?.ci95 ? intervalText(outage.ci95, length) : '–'}</td>
    <td class="number">${summaryFigure(packetOutage, packetOutage?.median, length)}</td>
    <td class="number">${demanded}</td>
    <td class="number">${summaryFigure(excess, excess?.median, signed)}</td>
    ${background && html`<td>${change ? changeCell(change) : '–'}</td>`}
  </tr>`;
}

/** `regressed +61 ms`, `unchanged`. */
function changeCell({ verdict, effectMs, atLeast }: Background['changes'][number]): string {
  return verdict === 'unchanged' ? verdict : `${verdict} ${atLeast ? 'at least ' : ''}${signed(effectMs)}`;
}

/** Where and how it was measured, and how to do the same again. */
export function provenance({
  environment,
  startedAt,
  durationMs,
  seed,
  command,
  id,
  scenarios,
}: Result): Piece {
  const { engine, kernel, cpus, versions, fingerprint, system = {} } = environment;
  const rows: readonly (readonly [string, string])[] = [
    [
      'measured',
      `${startedAt.slice(0, 16).replace('T', ' ')} UTC, in ${length(durationMs)}; ${many(scenarios.length, 'scenario')}`,
    ],
    ['machine', `${many(cpus, 'CPU')}, kernel ${kernel}, ${engine}`],
    [
      'versions',
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    ...Object.entries(system).map(([part, what]) => [`${part} under test`, what] as const),
    ['environment', fingerprint],
    ['seed', String(seed)],
    ['result', id],
  ];
  return html`<section id="provenance" aria-labelledby="provenance-title"><h2 id="provenance-title">Provenance</h2>
    <dl class="pairs">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
    <div><dt>the same again</dt><dd><code>${command}</code></dd></div></dl></section>`;
}
