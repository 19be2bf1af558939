import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import builders, { type Builder } from 'junit-report-builder';
import type { Result } from './result.ts';

/** Writes what a result is read by: result.json, junit.xml and summary.md. */
export async function writeReport(folder: string, result: Result): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeFile(join(folder, 'result.json'), `${JSON.stringify(result, undefined, 2)}\n`),
    writeFile(join(folder, 'junit.xml'), junitXml(result)),
    writeFile(join(folder, 'summary.md'), markdownSummary(result)),
  ]);
}

/** JUnit's XML, as CI systems read it: a suite for each scenario, a case for each run. */
export function junitXml(result: Result): string {
  // The library's types describe an ES module, which it is not.
  const builder = (builders as unknown as { newBuilder(): Builder }).newBuilder();
  for (const scenario of result.scenarios) {
    const suite = builder.testSuite().name(scenario.name);
    for (const run of scenario.runs) {
      const testCase = suite
        .testCase()
        .className(scenario.name)
        .name(`run ${run.index}`)
        .time(run.wallMs / 1000);
      if (run.status === 'failed') testCase.failure(run.reason ?? 'failed');
      if (run.status === 'invalid') testCase.error(run.reason ?? 'invalid');
      if (run.status === 'skipped') testCase.skipped();
    }
  }
  return builder.build();
}

/** A table for a review or a job's page. */
export function markdownSummary(result: Result): string {
  const cell = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(0));
  return [
    '| scenario | status | runs | outage, median ms | min | max | demanded ms | excess ms |',
    '|---|---|---:|---:|---:|---:|---:|---:|',
    ...result.scenarios.map(({ name, status, runs, summary }) => {
      const bounds = runs.flatMap((run) => (run.predicted ? [run.predicted.outage] : []));
      const demanded = bounds.length
        ? `${cell(Math.min(...bounds.map((bound) => bound.min)))}–${cell(Math.max(...bounds.map((bound) => bound.max)))}`
        : '–';
      const { outage, excess } = summary;
      return `| ${name} | ${status} | ${runs.length} | ${cell(outage?.median)} | ${cell(outage?.min)} | ${cell(outage?.max)} | ${demanded} | ${cell(excess?.median)} |`;
    }),
    '',
    `${result.environment.engine}, kernel ${result.environment.kernel}, ${result.environment.cpus} CPUs, keepalived ${result.environment.versions.keepalived ?? '?'}, HAProxy ${result.environment.versions.haproxy ?? '?'}; seed ${result.seed}; \`${result.command}\``,
    '',
  ].join('\n');
}

/** `latest`, beside the folder, points to it from now on. */
export async function pointLatestTo(folder: string): Promise<void> {
  const latest = join(folder, '..', 'latest');
  const fresh = `${latest}.${process.pid}`;
  await rm(fresh, { force: true });
  await symlink(basename(folder), fresh);
  await rename(fresh, latest);
}
