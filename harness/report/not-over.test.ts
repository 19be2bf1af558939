import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import pc from 'picocolors';
import type { Result, RunResult } from '../result/result.ts';
import { scenarioResult } from '../run/scenario-result.ts';
import { exampleReport } from './content/example.ts';
import { outageText } from './content/figures.ts';
import { junitXml } from './junit.ts';
import { markdownSummary } from './markdown.ts';
import { reportPage } from './page/page.ts';
import { samplesCsv } from './samples.ts';
import { terminalSummary } from './terminal.ts';

const NOTHING = { changes: [], trend: [] };

/** Three runs of which one returns after 4 s, and two do not while they are watched. */
async function deadTwice(folder: string, template: Result): Promise<Result> {
  const [run] = template.scenarios[0]?.runs ?? [];
  if (!run) throw new Error('The example has no run.');
  const { reason: _, ...rest } = run;
  const dead = (index: number, ms: number, over: boolean): RunResult => ({
    ...rest,
    index,
    status: over ? 'passed' : 'failed',
    over,
    metrics: { ...run.metrics, outage: ms, packetOutage: ms, excess: ms - 3500 },
    losses: { 'time-out': 3200, '503': 12 },
    artifacts: { logs: [] },
  });
  for (const each of [dead(1, 4000, true), dead(2, 32_000, false), dead(3, 31_000, false)]) {
    const place = join(folder, 'both-dead', `run-${each.index}`);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'run.json'), JSON.stringify(each));
  }
  const about = { name: 'both-dead', title: 'both amphorae lose power', parameters: {} };
  return { ...template, scenarios: [await scenarioResult(folder, about)] };
}

test('of three runs of which one returned after 4 s, there is no median in milliseconds, in no view', async (t) => {
  await using example = await exampleReport();
  const result = await deadTwice(example.folder, example.result);
  const [scenario] = result.scenarios;
  t.like(scenario?.summary.outage, {
    n: 3,
    notOver: 2,
    min: 4000,
    median: null,
    p95: null,
    max: null,
    ci95: null,
  });

  const terminal = terminalSummary(result, pc.createColors(false));
  t.regex(terminal, /outage over 3 runs: not over in 2 of 3 runs, from 4000 ms\n/);
  t.regex(terminal, /outage at least 32000 ms, not over;/);
  t.regex(terminal, /requests lost \(12 503, 3200 time-out\), at least 28500 ms, not over more than/);
  t.notRegex(terminal, /median/);

  const markdown = markdownSummary(result);
  t.regex(markdown, /\| not over in 2 of 3 runs \| 4000 \| not over in 2 of 3 runs \|/);
  t.regex(markdown, /both-dead: not over in 2 of 3 runs; the longest: at least 32000 ms, not over\n/);

  const page = await reportPage(example.folder, result, NOTHING);
  t.regex(page, /at least 32\.0 s, not over/);
  t.regex(page, /both-dead: not over in 2 of 3 runs/);
  t.notRegex(page, /null|NaN/);

  t.regex(samplesCsv(result), /,both-dead,2,failed,outage,32000,false\n/);
  t.regex(samplesCsv(result), /,both-dead,1,passed,outage,4000,true\n/);
  t.regex(
    junitXml(result),
    /<system-out>outage at least 32000 ms, not over; packets at least 32000 ms, not over</,
  );
});

test('a stored result says the same when it is read again', async (t) => {
  await using example = await exampleReport();
  const result = await deadTwice(example.folder, example.result);
  await writeFile(join(example.folder, 'result.json'), JSON.stringify(result));
  const { readResult } = await import('../result/result.ts');
  t.deepEqual((await readResult(example.folder)).scenarios[0]?.summary, result.scenarios[0]?.summary);
});

test('an outage that is over, or of a schema that did not say, is a length', (t) => {
  t.is(outageText(3141, true), '3141 ms');
  t.is(outageText(31.41, undefined), '31.4 ms');
  t.is(outageText(27_801, false), 'at least 27801 ms, not over');
});
