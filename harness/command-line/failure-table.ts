import { range } from '../report/figures.ts';
import { figureText } from '../scenario/figures.ts';
import { overPhases, pairUnder } from '../scenario/models.ts';
import { parametersFor } from '../scenario/parameters.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { length } from '../statistics/milliseconds.ts';

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

/** Each scenario whose story tells a measured outage, beside what the protocol demands, the shortest first. */
function failureTable(scenarios: readonly Scenario[]): string {
  const told = scenarios
    .filter(({ measured = {} }) => measured.outage !== undefined || measured.lost === 0)
    .sort((one, other) => worst(one) - worst(other) || one.name.localeCompare(other.name));
  return [
    '| what fails | clients are not served for | demanded | scenario |',
    '| --- | --- | --- | --- |',
    ...told.map((scenario) => {
      const parameters = parametersFor(scenario.parameters, []);
      const demanded = overPhases(scenario.model, pairUnder(parameters));
      return `| ${scenario.title} | ${measuredText(scenario.measured ?? {})} | ${range(demanded, write)} | \`${scenario.name}\` |`;
    }),
  ].join('\n');
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
