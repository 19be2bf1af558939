import type { Result } from './result.ts';

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
