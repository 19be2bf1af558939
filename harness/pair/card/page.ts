import { readFile } from 'node:fs/promises';
import { html, many, type Piece, verbatim } from '../../report/page/html.ts';
import type { Finding } from '../rule.ts';
import { isUnserved, type Outcome } from './outcome.ts';
import { advised, cause, predictedText, question, whatWasMeasured } from './sentences.ts';
import { type Grade, gradeOf, summary } from './text.ts';

/** The style of the reports. */
const STYLE = new URL('../../report/page/style.css', import.meta.url);

/** What the badge says, and how the reports colour it. */
const BADGES: Readonly<Record<Grade, readonly [look: string, text: string]>> = {
  good: ['passed', '✓ served'],
  bad: ['failed', '✗ not served'],
  doubt: ['invalid', '△ look at it'],
};
const LOOKS = { error: 'failed', warning: 'invalid', advice: 'skipped' } as const;

/** What the page is about. */
export interface Card {
  /** The folder as the user named it. */
  readonly name: string;
  readonly nodes: readonly string[];
  readonly findings: readonly Finding[];
  readonly outcomes: readonly Outcome[];
}

/** The report card as one page that needs neither network nor script. */
export async function cardPage(card: Card): Promise<string> {
  const style = await readFile(STYLE, 'utf8');
  const body = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${`Report card of ${card.name}`}</title>
      <style>${verbatim(style)}</style>
    </head>
    <body>
      <header><strong>amphora-testbed</strong>
        <nav aria-label="Parts of the card"><a href="#events">What each failure costs</a> · <a href="#findings">What can be read</a></nav>
      </header>
      <main>
        <h1>${headline(card)}</h1>
        <p class="lead">${`The keepalived pair in ${card.name}: ${many(card.nodes.length, 'node')}.`}</p>
        ${eventsSection(card)}
        ${findingsSection(card)}
      </main>
      <footer>Measured in labs, with a request every 10 ms. Predicted from keepalived.conf alone.</footer>
    </body>
  </html>`;
  return `<!doctype html>\n${String(body)}\n`;
}

function headline({ findings, outcomes }: Card): string {
  const unserved = outcomes.filter(isUnserved).length;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const parts = [
    ...(unserved > 0
      ? [`${many(unserved, 'failure')} leave${unserved === 1 ? 's' : ''} clients without service`]
      : []),
    ...(errors > 0 ? [`${many(errors, 'mistake')} in the configurations`] : []),
  ];
  if (parts.length > 0) return `${parts.join(', and ')}.`;
  return outcomes.length > 0
    ? 'Clients are served after every failure that was tried.'
    : 'No error was found.';
}

function eventsSection({ outcomes }: Card): Piece {
  if (outcomes.length === 0) return undefined;
  return html`<section id="events" aria-labelledby="events-title">
    <h2 id="events-title">What each failure costs</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of failures"><table>
      <thead><tr><th scope="col">what happens</th><th scope="col">verdict</th><th scope="col">measured</th><th scope="col">predicted outage</th><th scope="col">why, and what to change</th></tr></thead>
      <tbody>${outcomes.map(eventRow)}</tbody>
    </table></div>
  </section>`;
}

function eventRow(outcome: Outcome): Piece {
  const [look, text] = BADGES[gradeOf(outcome)];
  const advice = advised(outcome);
  return html`<tr><th scope="row">${question(outcome)}</th><td><span class="badge ${look}">${text}</span></td>
    <td>${whatWasMeasured(outcome)}</td><td>${predictedText(outcome.predicted)}</td>
    <td>${cause(outcome)}${advice !== undefined && html` <strong>${advice}</strong>`}</td></tr>`;
}

function findingsSection({ findings, nodes }: Card): Piece {
  return html`<section id="findings" aria-labelledby="findings-title">
    <h2 id="findings-title">What can be read</h2>
    <p>${summary(findings, nodes)}</p>
    ${
      findings.length > 0 &&
      html`<div class="scroll" tabindex="0" role="region" aria-label="Table of findings"><table>
        <thead><tr><th scope="col">how bad</th><th scope="col">where</th><th scope="col">what, and what to do</th><th scope="col">rule</th></tr></thead>
        <tbody>${findings.map(
          ({ rule, severity, file, line, message, advice }) =>
            html`<tr><td><span class="badge ${LOOKS[severity]}">${severity}</span></td><td><code>${`${file}:${line}`}</code></td><td>${message} <strong>${advice}</strong></td><td><code>${rule}</code></td></tr>`,
        )}</tbody>
      </table></div>`
    }
  </section>`;
}
