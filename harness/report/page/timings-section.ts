import type { Result } from '../../result/result.ts';
import { timingWords } from '../content/timings.ts';
import { html, type Piece } from './html.ts';

/** Where the time of the command went; nothing where the result does not say. */
export function timingsSection(result: Result): Piece {
  const words = timingWords(result);
  if (!words) return html``;
  const { title, head, rows, sum } = words;
  return html`<section id="timings" aria-labelledby="timings-title"><h2 id="timings-title">${title}</h2>
    <details><summary>${sum}</summary><table>
      <thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
      <tbody>${rows.map(([part = '', ...cells]) => html`<tr><th scope="row">${part}</th>${cells.map((cell) => html`<td class="number">${cell}</td>`)}</tr>`)}</tbody>
    </table></details></section>`;
}
