import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../../analysis/statistics/compare.ts';
import { differenceText, METRIC_WORDS } from '../../compare/history/difference-text.ts';
import { type Entry, entryOf } from '../../compare/history/entry.ts';
import { History } from '../../compare/history/store.ts';
import { compareResults, differenceIn, type TwoResults } from '../../compare/history/two-results.ts';
import { intervalText, range } from '../../report/content/figures.ts';
import { table } from '../../report/terminal-text.ts';
import { readResult } from '../../result/result.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { history, json, minimumEffect, reports } from '../options.ts';
import { fromUser, historyFile } from '../places.ts';
import { print } from '../print.ts';

export const group: Group = 'Compare';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('compare')
    .description('Compares two results: which scenarios became slower, by configuration or by software.')
    .argument('<a>', 'The baseline: the folder of a report, or the id of a result in the history.')
    .argument('<b>', 'The result that is compared with it.')
    .addOption(minimumEffect())
    .addOption(history())
    .addOption(reports('Looks for the history in this folder.'))
    .addOption(json('Prints the comparison as JSON.'))
    .example('npm run compare -- reports/before reports/latest')
    .action(async (a, b, options) => finish(await compare(a, b, options)));
}

/** `compare`: two results, each the folder of a report or an id of the history; the first is the baseline. */
export async function compare(
  a: string,
  b: string,
  options: {
    readonly minimumEffect: number;
    readonly history?: string;
    readonly reports: string;
    readonly json?: boolean;
  },
): Promise<number> {
  const [one, other] = [await entryNamed(a, options), await entryNamed(b, options)];
  const found = compareResults(one, other, options.minimumEffect);
  if (options.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else print(`${comparisonText(found, options.minimumEffect)}\n`);
  return found.scenarios.some(({ verdict }) => verdict === 'slower') ? EXIT.failed : EXIT.ok;
}

async function entryNamed(
  name: string,
  options: { readonly history?: string; readonly reports: string },
): Promise<Entry> {
  const folder = fromUser(name);
  if (existsSync(join(folder, 'result.json'))) return entryOf(await readResult(folder));
  const file = historyFile(options);
  if (!existsSync(file)) return entryOf(await readResult(folder));
  using history = History.open(file);
  return history.entry(name);
}

/** A table with a row for each scenario, a sentence for each change, and what may limit its validity. */
export function comparisonText(found: TwoResults, minimumEffectMs: number): string {
  const { a, b, environment, scenarios, onlyA, onlyB } = found;
  const rows = scenarios.map((compared) => {
    const difference = differenceIn(compared);
    if (!difference) return [compared.scenario, 'no runs'];
    const { comparison, demanded, software, metric } = difference;
    return [
      compared.scenario,
      difference.verdict,
      changeOf(comparison),
      demanded ? range(demanded, tenths) : 'not known',
      `${changeOf(software)} (${software.verdict})`,
      intervalText(software.interval, tenths),
      METRIC_WORDS[metric],
      comparison.n.join(', '),
    ];
  });
  const told = scenarios.flatMap((compared) => {
    const difference = differenceIn(compared);
    const quiet = difference?.verdict === 'same' && difference.settings.length === 0;
    if (!difference || quiet) return [];
    return [`${compared.scenario}: ${differenceText(difference, { a, b, minimumEffectMs })}.`];
  });
  return [
    `${b} against ${a}`,
    ...(environment.length > 0
      ? [`The environments differ, and may have caused a difference: ${environment.join('; ')}.`]
      : []),
    table(['scenario', 'verdict', 'change ms', 'demanded', 'software', 'interval', 'by', 'runs'], rows),
    ...told,
    ...(onlyA.length > 0 ? [`only in ${a}: ${onlyA.join(', ')}`] : []),
    ...(onlyB.length > 0 ? [`only in ${b}: ${onlyB.join(', ')}`] : []),
  ].join('\n');
}

function changeOf({ effect, atLeast }: Comparison): string {
  return `${atLeast ? 'at least ' : ''}${tenths(effect)}`;
}

function tenths(ms: number): string {
  return ms.toFixed(1);
}
