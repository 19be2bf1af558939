import { create } from 'xmlbuilder2';
import type { Result, RunResult, ScenarioResult } from '../result/result.ts';
import { outageText } from './content/figures.ts';
import { runLabel } from './content/run-label.ts';

/**
 * JUnit's XML, as CI systems read it: a suite for each scenario, a case for each run, repetitions included. A run
 * without a verdict is an error, as JUnit calls what says nothing about the thing that was tested.
 */
export function junitXml({ scenarios, startedAt }: Result): string {
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', {
    name: 'amphora-testbed',
    ...countsOf(scenarios.flatMap(casesOf)),
  });
  for (const scenario of scenarios) {
    const cases = casesOf(scenario);
    const suite = root.ele('testsuite', {
      name: scenario.name,
      ...countsOf(cases),
      skipped: cases.filter(({ status }) => status === 'skipped').length,
      timestamp: startedAt.slice(0, 19),
    });
    for (const { name, status, wallMs, reason, measured } of cases) {
      const entry = suite.ele('testcase', {
        classname: scenario.name,
        name,
        time: (wallMs / 1000).toFixed(3),
      });
      const message = reason ?? status;
      if (status === 'failed') entry.ele('failure', { message, type: 'failed' });
      if (status === 'invalid') entry.ele('error', { message, type: 'invalid' });
      if (status === 'skipped') entry.ele('skipped').txt(message);
      if (measured) entry.ele('system-out').txt(measured);
    }
  }
  return root.end({ prettyPrint: true });
}

type Case = Pick<RunResult, 'status' | 'reason' | 'wallMs'> & {
  readonly name: string;
  /** What the run measured, in a line. */
  readonly measured?: string;
};

/** A scenario that never ran is a case of its own: otherwise a CI system would not show it at all. */
function casesOf({ name, status, reason, runs }: ScenarioResult): readonly Case[] {
  if (runs.length === 0) return [{ name, status, wallMs: 0, ...(reason !== undefined && { reason }) }];
  return runs.map((run) => {
    const { outage, packetOutage } = run.metrics;
    const lines = [
      ...(outage === undefined ? [] : [`outage ${outageText(outage, run.over)}`]),
      ...(packetOutage === undefined ? [] : [`packets ${outageText(packetOutage, run.over)}`]),
    ];
    return { ...run, name: runLabel(run), ...(lines.length > 0 && { measured: lines.join('; ') }) };
  });
}

function countsOf(cases: readonly Case[]) {
  const count = (status: Case['status']) => cases.filter((entry) => entry.status === status).length;
  const seconds = cases.reduce((sum, { wallMs }) => sum + wallMs, 0) / 1000;
  return {
    tests: cases.length,
    failures: count('failed'),
    errors: count('invalid'),
    time: seconds.toFixed(3),
  };
}
