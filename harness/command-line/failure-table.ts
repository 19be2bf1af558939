import { length } from '../analysis/statistics/milliseconds.ts';
import { range } from '../report/content/figures.ts';
import { figureText } from '../scenario/figures.ts';
import { overPhases, pairUnder } from '../scenario/models.ts';
import { parametersFor } from '../scenario/parameters.ts';
import type { Scenario } from '../scenario/scenario.ts';

const BEGIN = '<!-- failures: made by `npm run reference -- --write` -->';
/** A length in a table: none is `0`. */
const write = (ms: number) => (ms === 0 ? '0' : length(ms));
const END = '<!-- /failures -->';

/**
 * A document whose table of failures is the catalogue's.
 *
 * @throws Error when the document has no place for it
 */
export function withFailures(document: string, scenarios: readonly Scenario[]): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`The document lacks ${BEGIN} and ${END}.`);
  return [document.slice(0, from + BEGIN.length), '', failureTable(scenarios), '', document.slice(to)].join(
    '\n',
  );
}

/** Each scenario with a measured outage in its story, beside the protocol's demand, the shortest first. */
function failureTable(scenarios: readonly Scenario[]): string {
  const told = scenarios
    .filter(({ measured = {} }) => measured.outage !== undefined || measured.lost === 0)
    .sort((one, other) => worst(one) - worst(other) || one.name.localeCompare(other.name));
  const rows = told.map(({ title, measured = {}, model, parameters, name }) => {
    const demanded = overPhases(model, pairUnder(parametersFor(parameters, [])));
    return [title, measuredText(measured), range(demanded, write), `\`${name}\``];
  });
  return markdownTable(['what fails', 'clients are not served for', 'demanded', 'scenario'], rows);
}

/** Padded, as the formatter of this repository leaves it. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, n) => Math.max(...[head, ...rows].map((row) => row[n]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function worst({ measured = {} }: Scenario): number {
  const outage = measured.outage ?? 0;
  return typeof outage === 'number' ? outage : outage[1];
}

function measuredText({ outage, packetOutage }: NonNullable<Scenario['measured']>): string {
  if (outage === undefined) return 'no request is lost';
  const packets =
    packetOutage === undefined
      ? ''
      : packetOutage === 0
        ? '; pings are answered'
        : `; pings ${figureText('packetOutage', packetOutage)}`;
  return `${figureText('outage', outage)}${packets}`;
}
