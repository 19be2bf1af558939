import { scaleLinear } from 'd3-scale';
import { isEmpty, type Sample } from '../../analysis/statistics/compare.ts';
import { summarise } from '../../analysis/statistics/summary.ts';
import { PHASES } from '../../analysis/timeline/phases.ts';
import { intervalText, notOverText, PACKETS_ARE, summaryFigure } from '../../report/content/figures.ts';
import { isJudged, type MeasuredRun, measuredOf } from '../../result/measured.ts';
import { type ComparedMetric, sampleOf } from '../history/difference.ts';
import { differenceText, METRIC_WORDS } from '../history/difference-text.ts';
import type { Standing } from './duel.ts';
import { failuresText } from './failures.ts';

/** What a review is made from. */
export interface Review {
  readonly scenario: string;
  readonly a: Side;
  readonly b: Side;
  readonly standing: Standing;
  readonly minimumEffectMs: number;
  /** In words; empty when the environments are equal. */
  readonly environment: readonly string[];
  readonly command: string;
}

interface Side {
  readonly text: string;
  /** The sources that it was measured with. */
  readonly version: string;
  /** What it consists of, as `keepalived 2.2.7`. */
  readonly system?: readonly string[];
  readonly runs: readonly MeasuredRun[];
}

/** The picture's file where there is one. */
export const PICTURE = 'review.svg';
const METRICS = [
  ['outage', 'outage (requests)'],
  ['packetOutage', 'outage (packets)'],
  ['excess', 'excess over the demand'],
  ['lost', 'requests lost, a count'],
] as const;

/** The verdict: which side fails, where one does, and how long the outages are. */
export function verdictOf({ a, b, standing, minimumEffectMs, scenario }: Review): string {
  const { difference, failures } = standing;
  if (!difference) return `No verdict: ${scenario} has no run that counts on one of the sides.`;
  const text = differenceText(difference, { a: 'A', b: 'B', minimumEffectMs });
  const failing = failuresText(failures);
  const told = [
    ...(failing ? [failing.replace(/\.$/, '')] : []),
    `${text.charAt(0).toUpperCase()}${text.slice(1)}`,
  ];
  return `${told.join('. ')}. A is ${a.text}, B is ${b.text}.`;
}

/** Verdict, table and picture of one comparison, for a comment on a change. */
export function reviewMarkdown(review: Review, picture = PICTURE): string {
  const { a, b, standing, environment, command, scenario } = review;
  const settings = standing.difference?.settings ?? [];
  const rows = [
    ...METRICS.map(
      ([metric, name]) => [name, measuredOf(a.runs, metric), measuredOf(b.runs, metric)] as const,
    ),
    ...PHASES.map(({ name }) => [`– ${name}`, phaseOf(a.runs, name), phaseOf(b.runs, name)] as const),
  ];
  const count = ({ runs }: Side) => {
    const counted = runs.filter(isJudged);
    const passed = counted.filter(({ status }) => status === 'passed').length;
    const invalid = runs.length - counted.length;
    return `${counted.length} runs, ${passed} passed${invalid > 0 ? `, ${invalid} more invalid` : ''}`;
  };
  return [
    `## ${scenario}: ${a.text} against ${b.text}`,
    '',
    `**${verdictOf(review)}**`,
    '',
    '| median ms, 95 % interval | A | B |',
    '|---|---:|---:|',
    ...rows.map(([name, before, after]) => `| ${name} | ${level(before)} | ${level(after)} |`),
    '',
    `![each run a point](${picture})`,
    '',
    `Requests tell what clients get. Packets are ${PACKETS_ARE}.`,
    ...(settings.length > 0 ? ['', 'Settings that differ:', '', ...settings.map((line) => `- ${line}`)] : []),
    '',
    `- A: ${describe(a)}, ${count(a)}`,
    `- B: ${describe(b)}, ${count(b)}`,
    '',
    'Measured in turns, A B B A, with equal phases of the fault on both sides.',
    ...(environment.length > 0 ? ['', `The environments differ: ${environment.join('; ')}.`] : []),
    '',
    `\`${command}\``,
    '',
  ].join('\n');
}

/** What a side is: its variant, its sources, and what it consists of. */
export function describe({ text, version, system = [] }: Side): string {
  return [text, version, ...system].join(', ');
}

function phaseOf(runs: Side['runs'], phase: string): Sample {
  return { values: runs.filter(isJudged).flatMap((run) => run.phases?.[phase] ?? []) };
}

/** The median with its interval. */
export function level(sample: Sample): string {
  if (isEmpty(sample)) return '–';
  const summary = summarise(sample.values, sample.atLeast ?? []);
  const { median, ci95, notOver } = summary;
  const write = (ms: number) => ms.toFixed(1);
  const known = [
    ...(ci95 ? [intervalText(ci95, write)] : []),
    ...(notOver > 0 && median !== null ? [notOverText(summary)] : []),
  ];
  return `${summaryFigure(summary, median, write)}${known.length > 0 ? ` (${known.join('; ')})` : ''}`;
}

/** The picture: two rows of points, each with its median. */
export function reviewSvg({ a, b, standing }: Review): string {
  const metric: ComparedMetric = standing.difference?.metric ?? 'outage';
  const title = METRIC_WORDS[metric];
  const samples = [a, b].map(({ runs }) => sampleOf(runs, metric));
  const rows = samples.map(({ values, atLeast = [] }) => [
    ...values.map((ms) => ({ ms, over: true })),
    ...atLeast.map((ms) => ({ ms, over: false })),
  ]);
  const all = rows.flat().map(({ ms }) => ms);
  const x = scaleLinear()
    .domain([Math.min(...all, 0), Math.max(...all, 1)])
    .nice()
    .range([40, 620]);
  const marks = rows.flatMap((values, row) => {
    const y = 40 + row * 50;
    const color = row === 0 ? '#0072b2' : '#d55e00';
    const points = values.map(({ ms, over }, n) => {
      const [px, py] = [x(ms).toFixed(1), y + ((n % 5) - 2) * 4];
      // An arrow for a lower bound.
      return over
        ? `<circle cx="${px}" cy="${py}" r="4" fill="${color}" fill-opacity="0.6"/>`
        : `<path d="M${px} ${py - 4}l8 4l-8 4z" fill="${color}" fill-opacity="0.6"><title>not over</title></path>`;
    });
    const { values: seen, atLeast = [] } = samples[row] ?? { values: [] };
    const median = values.length > 0 ? summarise(seen, atLeast).median : null;
    const middle =
      median === null
        ? ''
        : `<path d="M${x(median).toFixed(1)} ${y - 16}v32" stroke="#555" stroke-width="2"/>`;
    return [
      `<text x="10" y="${y + 5}" font-weight="bold" fill="#777">${row === 0 ? 'A' : 'B'}</text>`,
      ...points,
      middle,
    ];
  });
  const ticks = x
    .ticks(6)
    .map(
      (tick) =>
        `<path d="M${x(tick).toFixed(1)} 118v6" stroke="#777"/><text x="${x(tick).toFixed(1)}" y="138" text-anchor="middle" fill="#777">${tick}</text>`,
    );
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 165" font-family="sans-serif" font-size="12">',
    `<title>${title} of each run, ms</title>`,
    '<path d="M40 118h580" stroke="#777"/>',
    ...ticks,
    ...marks,
    `<text x="330" y="158" text-anchor="middle" fill="#777">${title}, ms; the bars are the medians</text>`,
    '</svg>',
    '',
  ].join('\n');
}
