import { html, type Piece, verbatim } from '../report/page/html.ts';
import { patterns, phaseStyles } from '../report/page/page.ts';
import type { Fragments } from './view.ts';

/** What stands on the page beside what changes. */
export interface Frame {
  readonly title: string;
  /** What is seen, in a sentence. */
  readonly lead: Piece;
  /** What can be done: absent where one only looks. */
  readonly controls?: Piece;
  /** A stored history, with its length: it can be scrubbed through. */
  readonly replay?: { readonly lengthMs: number; readonly runs: readonly string[]; readonly run: number };
}

/** A part of the page that is filled again and again. */
function part(
  id: string,
  title: string,
  fragments: Fragments,
  attributes: Piece = undefined,
  below: Piece = undefined,
): Piece {
  return html`<section aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2><div id="${id}" ${attributes}>${markup(fragments[id])}</div>${below}</section>`;
}

const HOW_TO_READ = html`<p class="how">Requests by when they were sent, in the colour of the machine that answered; hatched ones got no answer. Below, for each machine: a bar while it has the VIP, a tick for each advertisement, ▲ for each gratuitous ARP.</p>`;

/** Pieces that were written by view.ts. */
function markup(text = ''): Piece {
  return verbatim(text);
}

/** The whole page. */
export function livePage(frame: Frame, fragments: Fragments): string {
  const { title, lead, controls, replay } = frame;
  const scroll = (label: string) =>
    html`class="scroll tall" tabindex="0" role="region" aria-label="${label}"`;
  return `<!doctype html>\n${html`<html lang="en">
    <head><meta charset="utf-8" /><meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title}</title><link rel="stylesheet" href="/style.css" /><link rel="icon" href="data:," /><script type="module" src="/page.js"></script></head>
    <body class="live" data-mode="${replay ? 'replay' : 'live'}">
      ${patterns()}
      <header><strong>amphora-testbed</strong><span id="connection" role="status"></span></header>
      <main>
        <h1>${title}</h1><p class="lead" id="lead">${lead}</p>
        <p id="status">${markup(fragments.status)}</p>
        ${replay && scrubber(replay)}
        <div class="${controls ? 'with-controls' : 'alone'}">
          ${part('topology', 'The lab', fragments)}
          ${part('time-line', 'The last 30 seconds', fragments, scroll('Time line, to scroll'), HOW_TO_READ)}
          ${controls}
          ${part('episodes', 'Episodes', fragments)}
          ${part('events', 'Events', fragments, scroll('Events, to scroll'))}
          ${part('journals', 'Journals', fragments, scroll('Journals, to scroll'))}
        </div>
      </main>
    </body></html>`}\n`;
}

function scrubber({ lengthMs, runs, run }: NonNullable<Frame['replay']>): Piece {
  return html`<form id="scrubber" class="scrubber">
    ${runs.length > 1 && html`<label>run <select id="run">${runs.map((name, n) => html`<option value="${n}" ${n === run && 'selected'}>${name}</option>`)}</select></label>`}
    <button type="button" id="play">Play</button>
    <label class="grow">time <input id="instant" type="range" min="0" max="${Math.ceil(lengthMs)}" step="50" value="${Math.ceil(lengthMs)}" /></label>
    <output id="instant-text" for="instant">${`${(lengthMs / 1000).toFixed(1)} s`}</output>
  </form>`;
}

/** The style sheet of the phases' colours goes with those of the report. */
export const PHASE_STYLES = phaseStyles().join('');
