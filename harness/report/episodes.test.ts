import test from 'ava';
import pc from 'picocolors';
import type { Result, RunResult } from '../result/result.ts';
import { exampleReport } from './content/example.ts';
import { reportPage } from './page/page.ts';
import { samplesCsv } from './samples.ts';
import { terminalSummary } from './terminal.ts';

type Episode = RunResult['episodes'][number];

const at = { iso: '2026-01-01T00:00:00.000Z', ns: '0' };
const episode = (kind: Episode['kind'], outage: number, more: Partial<Episode> = {}): Episode => ({
  ...{ kind, name: `${kind} of keepalived`, target: 'amphora-1', at, judged: kind === 'fault' },
  metrics: { outage, excess: outage - 648 },
  predicted: { outage: { min: 648, max: 648 } },
  ...more,
});

/** The example with one run, in which a fault, a repair and a fault that is not over were done. */
async function several(result: Result): Promise<Result> {
  const [scenario] = result.scenarios;
  const [run] = scenario?.runs ?? [];
  if (!scenario || !run) throw new Error('The example has no run.');
  const episodes = [episode('fault', 655), episode('heal', 0), episode('fault', 30_000, { over: false })];
  const degraded = { sinceMs: 700, failedShare: 0.5 };
  const metrics = { ...run.metrics, delayed: 9, delayedMax: 95 };
  return { ...result, scenarios: [{ ...scenario, runs: [{ ...run, episodes, degraded, metrics }] }] };
}

test('each thing that was done in a run has its own outage, in terminal, page and samples', async (t) => {
  await using example = await exampleReport();
  const result = await several(example.result);
  const terminal = terminalSummary(result, pc.createColors(false));
  t.regex(terminal, /│ • │ fault: fault of keepalived, │ 655 ms +│ – +│ 648 ms +│ 7\.0 ms/);
  t.regex(terminal, /│ +│ heal: heal of keepalived, +│ 0\.0 ms/);
  t.regex(terminal, /│ at least 30000 ms, not over │/);
  const page = await reportPage(example.folder, result, { changes: [], trend: [] });
  t.regex(page, /fault: fault of keepalived, amphora-1/);
  t.regex(page, /at least 30000 ms, not over/);
  t.regex(samplesCsv(result), /,episode\.1\.outage,655,true\n/);
  t.regex(samplesCsv(result), /,episode\.3\.outage,30000,false\n/);
});

test('late answers and a service that is partly back are shown beside the outage', async (t) => {
  await using example = await exampleReport();
  const terminal = terminalSummary(await several(example.result), pc.createColors(false));
  t.regex(terminal, /delayed: 9 requests sent meanwhile, answered late by up to 95\.0 ms/);
  t.regex(terminal, /degraded from 700 ms after the fault on: 50 % of the requests failed/);
});
