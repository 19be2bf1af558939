import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bounds } from '../../analysis/model/bounds.ts';
import { range, summaryFigure } from '../../report/content/figures.ts';
import { table } from '../../report/terminal-text.ts';
import { type Result, readResult, type ScenarioResult } from '../../result/result.ts';
import { catalogue } from '../../scenario/catalogue.ts';
import { type CheckedFigure, checkFigures, type Figures } from '../../scenario/figures.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { UsageError } from '../../usage-error.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { json, reports } from '../options.ts';
import { fromUser, reportsFolder } from '../places.ts';
import { print } from '../print.ts';

/** How much software and the machine may add to the demand, ms. */
const EXCESS_MAX_MS = 25;

/** One scenario's row: its excess, and the figures of its story. */
interface Row {
  readonly scenario: string;
  readonly n: number;
  readonly notOver: number;
  readonly demanded?: Bounds;
  /** The model's reason why the demand is a range. */
  readonly because?: string;
  /** Median excess, ms; null where it lies beyond the observation, absent where nothing is demanded. */
  readonly excess?: number | null;
  readonly packetExcess?: number | null;
  /** Whether the excess stays below the limit; a service that must not return has no excess. */
  readonly holds: boolean;
  readonly figures: readonly CheckedFigure[];
}

export const group: Group = 'For developers of the testbed';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('figures')
    .description("Compares a stored pass with the models' predictions and the stories' figures.")
    .argument('[folder]', 'The folder of a report. Default: the newest.')
    .addOption(reports('Looks for the newest report in this folder.'))
    .addOption(json('Prints the table as JSON.'))
    .example('npm run figures -- reports/latest')
    .action(async (folder, options) => finish(await figures(folder, options)));
}

/** `figures`: compares a stored pass with models and stories. */
export async function figures(
  folder: string | undefined,
  options: { readonly reports: string; readonly json?: boolean },
): Promise<number> {
  const result = await storedPass(folder, options.reports);
  const { scenarios: known } = await catalogue();
  const system = Object.entries(result.environment.system ?? {}).map(([part, value]) => `${part}=${value}`);
  const rows = known.flatMap((scenario) => {
    const stored = result.scenarios.find(({ name }) => name === scenario.name);
    // Stories tell what the testbed's own pair does.
    const told = system.length > 0 ? {} : (scenario.measured ?? {});
    return stored && stored.status !== 'skipped' ? [rowOf(scenario, stored, told)] : [];
  });
  const missing = known.map(({ name }) => name).filter((name) => !rows.some((row) => row.scenario === name));
  if (options.json) process.stdout.write(`${JSON.stringify({ id: result.id, system, rows, missing })}\n`);
  else print(`${figuresText(result.id, system, rows, missing)}\n`);
  const wrong = rows.some((row) => !row.holds || row.figures.some(({ holds }) => !holds));
  return wrong ? EXIT.failed : EXIT.ok;
}

async function storedPass(folder: string | undefined, reports: string): Promise<Result> {
  if (folder !== undefined) return readResult(fromUser(folder));
  const latest = join(reportsFolder(reports), 'latest');
  if (existsSync(latest)) return readResult(latest);
  throw new UsageError(`figures takes the folder of a report; there is none yet at ${latest}.`);
}

function rowOf(scenario: Scenario, { summary, runs }: ScenarioResult, told: Figures): Row {
  const { outage, excess, packetExcess } = summary;
  const bounds = runs.flatMap(({ predicted }) => predicted?.outage ?? []);
  const middle = excess?.median;
  return {
    scenario: scenario.name,
    n: outage?.n ?? 0,
    notOver: outage?.notOver ?? 0,
    ...(bounds.length > 0 && {
      demanded: {
        min: Math.min(...bounds.map(({ min }) => min)),
        max: Math.max(...bounds.map(({ max }) => max)),
      },
    }),
    ...(bounds.some(({ min, max }) => max - min > 2 * EXCESS_MAX_MS) && { because: scenario.model.says }),
    ...(middle !== undefined && { excess: middle }),
    ...(packetExcess && { packetExcess: packetExcess.median }),
    holds: scenario.ends === 'unserved' || asDemanded(middle, bounds),
    figures: checkFigures(told, runs),
  };
}

/** Whether the median is near the demand; where the demand is a lower bound, any excess is allowed. */
function asDemanded(excess: number | null | undefined, bounds: readonly Bounds[]): boolean {
  if (typeof excess !== 'number' || excess < -EXCESS_MAX_MS) return false;
  return excess <= EXCESS_MAX_MS || bounds.some(({ max }) => max === Number.POSITIVE_INFINITY);
}

function figuresText(
  id: string,
  system: readonly string[],
  rows: readonly Row[],
  missing: readonly string[],
): string {
  const write = (ms: number) => ms.toFixed(1);
  const excesses = rows.map((row) => [
    row.scenario,
    row.n,
    row.demanded ? range(row.demanded, write) : 'not to return',
    summaryFigure(row, row.excess, write),
    summaryFigure(row, row.packetExcess, write),
    row.holds ? 'yes' : 'NO',
  ]);
  const told = rows.flatMap(({ scenario, figures: checked }) =>
    checked.map(({ metric, said, measured, holds }) => [
      scenario,
      metric,
      said,
      measured ? measured.text : 'no run counts',
      measured?.n ?? 0,
      holds ? 'yes' : 'NO',
    ]),
  );
  const reasons = rows.flatMap(({ scenario, because }) => (because ? [`- ${scenario}: ${because}`] : []));
  return [
    `${id}: medians of the excess over the demand, at most ${EXCESS_MAX_MS} ms either way`,
    table(['scenario', 'runs', 'demanded ms', 'excess ms', 'packets ms', 'holds'], excesses),
    ...(reasons.length > 0 ? ['Why the demand is a range or a lower bound:', ...reasons] : []),
    ...(told.length > 0
      ? [
          '',
          'Figures in stories, against this pass:',
          table(['scenario', 'metric', 'story', 'pass', 'runs', 'true'], told),
        ]
      : []),
    ...(system.length > 0
      ? [
          `Figures in stories are not compared: they are of the testbed's own pair, and this pass is of ${system.join(', ')}.`,
        ]
      : []),
    ...(missing.length > 0 ? [`not in this pass: ${missing.join(', ')}`] : []),
  ].join('\n');
}
