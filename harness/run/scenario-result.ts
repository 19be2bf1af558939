import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { settingsOf } from '../analysis/model/settings.ts';
import { summarise } from '../analysis/statistics/summary.ts';
import { measuredOf } from '../result/measured.ts';
import type { RunResult, ScenarioResult } from '../result/result.ts';
import { readConfigurations, readVerdict } from './run-folder.ts';

/**
 * Puts the verdicts that lie in the folders of a scenario's runs together.
 *
 * @param folder of the result
 * @throws UnreadableResult
 */
export async function scenarioResult(
  folder: string,
  scenario: Pick<ScenarioResult, 'name' | 'title' | 'parameters'>,
): Promise<ScenarioResult> {
  const { name, title, parameters } = scenario;
  // run-2 before run-10, and a run before its repetitions.
  const order = new Intl.Collator('en', { numeric: true });
  const entries = (await readdir(join(folder, name)).catch(() => [])).sort(order.compare);
  const runs = (
    await Promise.all(
      entries.map(async (entry) => {
        const run = await readVerdict(join(folder, name, entry));
        if (!run) return undefined;
        const inside = (file: string) => `${name}/${entry}/${file}`;
        const { capture, logs } = run.artifacts;
        return {
          ...run,
          artifacts: { ...(capture && { capture: inside(capture) }), logs: logs.map(inside) },
        };
      }),
    )
  ).filter((run) => run !== undefined);
  const configurations = await configurationsOf(entries.map((entry) => join(folder, name, entry)));
  const judged = runs.filter((run) => run.status === 'passed' || run.status === 'failed');
  // Each number must have been passed or failed once, however often it was tried.
  const wanted = new Set(runs.map(({ index }) => index)).size;
  const failed = judged.find((run) => run.status === 'failed');
  const skipped = runs.find((run) => run.status === 'skipped');
  const status = failed ? 'failed' : skipped ? 'skipped' : judged.length < wanted ? 'invalid' : 'passed';
  const reason =
    failed?.reason ??
    skipped?.reason ??
    (status === 'invalid' ? runs.find((run) => run.status === 'invalid')?.reason : undefined);
  return {
    name,
    title,
    status,
    ...(reason !== undefined && { reason }),
    parameters,
    runs,
    summary: summaryOf(judged),
    ...(configurations && { configurations }),
  };
}

function summaryOf(runs: readonly RunResult[]): ScenarioResult['summary'] {
  const names = new Set(runs.flatMap((run) => Object.keys(run.metrics)));
  return Object.fromEntries(
    [...names].map((name) => {
      const { values, atLeast } = measuredOf(runs, name);
      const { ci95, ...rest } = summarise(values, atLeast);
      return [name, { ...rest, ci95: ci95 && [ci95[0], ci95[1]] }];
    }),
  );
}

/** The configurations of the first run that kept them: all runs of a scenario have the same. */
async function configurationsOf(folders: readonly string[]): Promise<ScenarioResult['configurations']> {
  for (const folder of folders) {
    const kept = await readConfigurations(folder);
    const told = Object.entries(kept).map(([node, { keepalived, haproxy }]) => [
      node,
      {
        'keepalived.conf': [...settingsOf('keepalived.conf', keepalived)],
        'haproxy.cfg': [...settingsOf('haproxy.cfg', haproxy)],
      },
    ]);
    if (told.length > 0) return Object.fromEntries(told);
  }
  return undefined;
}
