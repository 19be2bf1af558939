import type { Result, ScenarioResult } from '../result/result.ts';
import { notOverText, outageText, PACKETS_ARE, range, summaryFigure } from './content/figures.ts';

const HEAD = [
  [
    'scenario',
    'status',
    'runs',
    'outage, median ms',
    'min',
    'max',
    'packets, median ms',
    'demanded ms',
    'excess ms',
  ],
  ['---', '---', '---:', '---:', '---:', '---:', '---:', '---:', '---:'],
] as const;

/** A Markdown table for a review or a CI job's page. */
export function markdownSummary(result: Result): string {
  const { engine, kernel, cpus, versions, system = {} } = result.environment;
  const notOver = result.scenarios.flatMap(notOverOf);
  return [
    ...[...HEAD, ...result.scenarios.map(rowOf)].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `Outage: what requests saw. Packets: ${PACKETS_ARE}. Excess: what lies beyond the demand.`,
    ...(notOver.length > 0 ? ['', ...notOver] : []),
    '',
    ...Object.entries(system).map(([part, what]) => `Under test: ${part}: ${what}.`),
    `${engine}, kernel ${kernel}, ${cpus} CPUs, keepalived ${versions.keepalived ?? '?'}, HAProxy ${versions.haproxy ?? '?'}; seed ${result.seed}; \`${result.command}\``,
    '',
  ].join('\n');
}

function rowOf({ name, status, runs, summary }: ScenarioResult): readonly (string | number)[] {
  const write = (ms: number) => ms.toFixed(0);
  const bounds = runs.flatMap((run) => (run.predicted ? [run.predicted.outage] : []));
  const demanded =
    bounds.length > 0
      ? range(
          {
            min: Math.min(...bounds.map(({ min }) => min)),
            max: Math.max(...bounds.map(({ max }) => max)),
          },
          write,
        )
      : '–';
  const { outage, packetOutage, excess } = summary;
  return [
    name,
    status,
    runs.length,
    ...[outage?.median, outage?.min, outage?.max].map((value) => summaryFigure(outage, value, write)),
    summaryFigure(packetOutage, packetOutage?.median, write),
    demanded,
    summaryFigure(excess, excess?.median, write),
  ];
}

/** The scenarios whose service did not return in a run, with how long that was waited for. */
function notOverOf({ name, runs, summary }: ScenarioResult): readonly string[] {
  const text = summary.outage && notOverText(summary.outage);
  const waited = runs.flatMap(({ over, metrics }) => (over === false ? (metrics.outage ?? []) : []));
  return text ? [`- ${name}: ${text}; the longest: ${outageText(Math.max(...waited), false)}`] : [];
}
