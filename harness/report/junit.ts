import type { Result, RunResult, ScenarioResult } from '../result/result.ts';
import { outageText } from './content/figures.ts';
import { runLabel } from './content/run-label.ts';
import { html as xml } from './page/html.ts';

/**
 * JUnit's XML, as CI systems read it: a suite for each scenario, a case for each run, repetitions included. A run
 * without a verdict is an error, as JUnit calls what says nothing about the thing that was tested.
 */
export function junitXml({ scenarios, startedAt }: Result): string {
  const suites = scenarios.map((scenario) => {
    const cases = casesOf(scenario);
    const counts = {
      ...countsOf(cases),
      skipped: cases.filter(({ status }) => status === 'skipped').length,
      timestamp: startedAt.slice(0, 19),
    };
    return xml`
  <testsuite name="${scenario.name}"${attributes(counts)}>${cases.map((entry) => caseXml(scenario.name, entry))}
  </testsuite>`;
  });
  const counts = countsOf(scenarios.flatMap(casesOf));
  return `<?xml version="1.0" encoding="UTF-8"?>${xml`
<testsuites name="amphora-testbed"${attributes(counts)}>${suites}
</testsuites>`}`;
}

function caseXml(classname: string, entry: Case) {
  const { name, wallMs, measured } = entry;
  const inside = [verdictXml(entry), measured !== undefined && xml`<system-out>${measured}</system-out>`];
  const lines = inside.map(
    (piece) =>
      piece &&
      xml`
      ${piece}`,
  );
  return xml`
    <testcase${attributes({ classname, name, time: (wallMs / 1000).toFixed(3) })}>${lines}
    </testcase>`;
}

function verdictXml({ status, reason }: Case) {
  const message = reason ?? status;
  if (status === 'failed') return xml`<failure message="${message}" type="failed"/>`;
  if (status === 'invalid') return xml`<error message="${message}" type="invalid"/>`;
  return status === 'skipped' && xml`<skipped>${message}</skipped>`;
}

function attributes(values: Readonly<Record<string, string | number>>) {
  return Object.entries(values).map(([name, value]) => xml` ${name}="${value}"`);
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
