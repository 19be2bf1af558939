import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inMs } from '../../../analysis/statistics/milliseconds.ts';
import { roundOrder } from '../../../compare/bench/duel.ts';
import { percent, SENSITIVITY, sensitivityOf } from '../../../compare/bench/sensitivity.ts';
import { METRIC_WORDS } from '../../../compare/history/difference-text.ts';
import { entryOf, type ScenarioEntry } from '../../../compare/history/entry.ts';
import { priorityLowered } from '../../../mutations/priority-lowered.ts';
import { showProgress } from '../../../report/progress-view.ts';
import { isJudged } from '../../../result/measured.ts';
import { labsFor } from '../../../run/capacity.ts';
import { evenJobs } from '../../../run/plan.ts';
import { runScenarios } from '../../../run/run-scenarios.ts';
import { scenariosNamed } from '../../../scenario/catalogue.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { parallel as parallelOption, reports, runs, seed as seedOption } from '../../options.ts';
import { newReport } from '../../places.ts';
import { print } from '../../print.ts';
import { workbench } from '../../workbench.ts';

const SCENARIO = 'master-kill';
const TRIALS = 1000;
/** Half of the slowdown that is injected. */
const MINIMUM_EFFECT_MS = 10;

export interface SensitivityOptions {
  /** Runs of each side. */
  readonly runs: number;
  readonly parallel?: number;
  readonly seed?: number;
  readonly reports: string;
}

export function register(bench: TestbedCommand, { finish, signal }: Running): void {
  bench
    .command('sensitivity')
    .description('Slows the system down by 20 ms, and reports how often a few runs find it.')
    .addOption(runs('Runs each side n times.', 36))
    .addOption(parallelOption())
    .addOption(seedOption("Repeats the faults' instants and the trials of the run with this seed."))
    .addOption(reports())
    .example('npm run bench -- sensitivity --runs 24')
    .action(async (options) => finish(await benchSensitivity(options, signal)));
}

/**
 * `bench sensitivity`: slows the system down by 20 ms, and reports how often a few runs find it, and how often
 * they find a difference where there is none.
 */
export async function benchSensitivity(options: SensitivityOptions, signal: AbortSignal): Promise<number> {
  const { engine, images } = await workbench();
  const parallel = await labsFor(engine, options.parallel);
  const scenarios = await scenariosNamed([SCENARIO]);
  const seed = options.seed ?? randomInt(1, 2 ** 30);
  const { folder } = await newReport(options.reports, 'sensitivity');
  const pools: Record<'a' | 'b', ScenarioEntry['runs']> = { a: [], b: [] };
  using progress = showProgress(process.stderr, 2 * options.runs);
  // Sides take turns of as many runs as a sample has, so that drift affects both equally.
  for (let round = 0; pools.b.length < options.runs; round++) {
    for (const [turn, number] of roundOrder(round, 2).entries()) {
      const side = number === 0 ? 'a' : 'b';
      if (pools[side].length >= options.runs) continue;
      const count = Math.min(SENSITIVITY.runs, options.runs - pools[side].length);
      const result = await runScenarios({
        engine,
        scenarios,
        plan: {
          folder: join(folder, `round-${round + 1}-${turn + 1}-${side}`),
          ...{ images, seed, set: [], keep: false, reuse: false },
          jobs: evenJobs([SCENARIO], count, seed + 2 * round + Number(turn > 1)),
          ...(side === 'b' && { mutation: priorityLowered.name }),
        },
        parallel,
        id: basename(folder),
        command: 'npm run bench -- sensitivity',
        progress,
        signal,
      });
      pools[side].push(...entryOf(result).scenarios.flatMap(({ runs }) => runs));
    }
  }
  const counted = { a: pools.a.filter(isJudged), b: pools.b.filter(isJudged) };
  const found = sensitivityOf(counted, {
    trials: TRIALS,
    seed,
    minimumEffectMs: MINIMUM_EFFECT_MS,
    part: 'detection',
  });
  await writeFile(
    join(folder, 'sensitivity.json'),
    `${JSON.stringify({ engine: engine.describe(), seed, parallel, ...found, pools }, undefined, 2)}\n`,
  );
  print(
    [
      `${priorityLowered.says}: ${inMs(found.effectMs, 1)} were measured, by ${counted.a.length} and ${counted.b.length} runs of ${SCENARIO}, by the ${METRIC_WORDS[found.metric]}, which spreads less`,
      `drawn ${TRIALS} times, ${SENSITIVITY.runs} runs against ${SENSITIVITY.runs}: found in ${percent(found.found)}; blamed: ${Object.entries(
        found.blamed,
      )
        .map(([part, times]) => `${part} ${times}`)
        .join(', ')}`,
      `the system against itself: a difference in ${percent(found.falseAlarms)}`,
      ...found.broken,
      folder,
      '',
    ].join('\n'),
  );
  return found.broken.length > 0 ? EXIT.failed : EXIT.ok;
}
