import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, entryOf } from '../history/entry.ts';
import { History } from '../history/store.ts';
import { compareResults, type TwoResults } from '../history/two-results.ts';
import { readResult } from '../report/result.ts';
import { table } from '../report/terminal-text.ts';
import { EXIT } from './errors.ts';
import { fromUser, historyFile } from './places.ts';
import { print } from './print.ts';

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
  else print(`${comparisonText(found)}\n`);
  return found.scenarios.some(({ comparison }) => comparison?.verdict === 'slower') ? EXIT.failed : EXIT.ok;
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

/** A table with a row for each scenario, and what has to be known to believe it. */
export function comparisonText({ a, b, environment, scenarios, onlyA, onlyB }: TwoResults): string {
  const rows = scenarios.map(({ scenario, metric, comparison }) => {
    if (!comparison) return [scenario, 'no runs', metric];
    const { verdict, effect, interval, p, n, blame } = comparison;
    return [
      scenario,
      verdict,
      metric,
      effect.toFixed(1),
      interval ? `${interval[0].toFixed(1)} to ${interval[1].toFixed(1)}` : 'too few runs',
      p.toPrecision(2),
      `${n[0]}, ${n[1]}`,
      blame?.part ?? '',
    ];
  });
  return [
    `${b} against ${a}`,
    ...(environment.length > 0
      ? [`The environments are unequal, so that a difference may be theirs: ${environment.join('; ')}.`]
      : []),
    table(['scenario', 'verdict', 'metric', 'change ms', 'interval', 'p', 'runs', 'phase'], rows),
    ...(onlyA.length > 0 ? [`only in ${a}: ${onlyA.join(', ')}`] : []),
    ...(onlyB.length > 0 ? [`only in ${b}: ${onlyB.join(', ')}`] : []),
  ].join('\n');
}
