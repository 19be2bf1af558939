import { scaleLinear } from 'd3-scale';
import { type ScenarioEntry, sampleOf } from '../history/entry.ts';
import { summarise } from '../statistics/summary.ts';
import type { Duel, Standing } from './duel.ts';

/** What a review is told. */
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
  readonly version: string;
  readonly runs: ScenarioEntry['runs'];
}

const PICTURE = 'review.svg';
const PHASES = ['detection', 'promotion', 'announcement', 'learning', 'recovery'] as const;

/** The verdict in one sentence. */
export function verdictOf({ a, b, standing, minimumEffectMs, scenario }: Review): string {
  const { comparison, metric } = standing;
  if (!comparison) return `No verdict: ${scenario} has no run that counts on one of the sides.`;
  const { verdict, effect, interval, p, blame } = comparison;
  const size = `${Math.abs(effect).toFixed(0)} ms${interval ? ` (interval ${interval[0].toFixed(0)} to ${interval[1].toFixed(0)})` : ''}`;
  const chance = `p ${p.toPrecision(2)}`;
  if (verdict === 'slower' || verdict === 'faster') {
    const phase = blame ? `, most of it in ${blame.part}` : '';
    return `B (${b.text}) is ${verdict} than A (${a.text}): ${metric} differs by ${size}, ${chance}${phase}.`;
  }
  if (verdict === 'same')
    return `A and B are the same: a difference of ${minimumEffectMs} ms in ${metric} is excluded (${size}).`;
  return `Undecided: the budget was spent before a difference of ${minimumEffectMs} ms could be shown or excluded (${size}, ${chance}).`;
}

/** review.md: verdict, table and picture, for a comment on a change. */
export function reviewMarkdown(review: Review): string {
  const { a, b, standing, environment, command, scenario } = review;
  const metrics = [...new Set(['outage', 'excess', 'lost', standing.metric])];
  const rows = [
    ...metrics.map(
      (metric) => [metric, sampleOf(a.runs, metric).values, sampleOf(b.runs, metric).values] as const,
    ),
    ...PHASES.map((phase) => [`– ${phase}`, phaseOf(a.runs, phase), phaseOf(b.runs, phase)] as const),
  ];
  const count = ({ runs }: Side) => {
    const counted = runs.filter(({ status }) => status === 'passed' || status === 'failed').length;
    const invalid = runs.length - counted;
    return `${counted} runs${invalid > 0 ? `, ${invalid} more invalid` : ''}`;
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
    `![each run a point](${PICTURE})`,
    '',
    `A: ${a.text}, ${a.version}, ${count(a)}. B: ${b.text}, ${b.version}, ${count(b)}. Interleaved A B B A, with equal phases of the fault on both sides.`,
    ...(environment.length > 0 ? ['', `Unequal in the two environments: ${environment.join('; ')}.`] : []),
    '',
    `\`${command}\``,
    '',
  ].join('\n');
}

function phaseOf(runs: Duel['a'], phase: string): readonly number[] {
  return runs.flatMap((run) => run.phases?.[phase] ?? []);
}

function level(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const { median, ci95 } = summarise(values);
  return `${median.toFixed(1)}${ci95 ? ` (${ci95[0].toFixed(1)} to ${ci95[1].toFixed(1)})` : ''}`;
}

/** The picture: two rows of points, each with its median. */
export function reviewSvg({ a, b, standing }: Review): string {
  const rows = [a, b].map(({ runs }) => sampleOf(runs, standing.metric).values);
  const all = rows.flat();
  const x = scaleLinear()
    .domain([Math.min(...all, 0), Math.max(...all, 1)])
    .nice()
    .range([40, 620]);
  const marks = rows.flatMap((values, row) => {
    const y = 40 + row * 50;
    const points = values.map(
      (value, n) =>
        `<circle cx="${x(value).toFixed(1)}" cy="${y + ((n % 5) - 2) * 4}" r="4" fill="${row === 0 ? '#0072b2' : '#d55e00'}" fill-opacity="0.6"/>`,
    );
    const middle =
      values.length > 0
        ? `<path d="M${x(summarise(values).median).toFixed(1)} ${y - 16}v32" stroke="#555" stroke-width="2"/>`
        : '';
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
    `<title>${standing.metric} of each run, ms</title>`,
    '<path d="M40 118h580" stroke="#777"/>',
    ...ticks,
    ...marks,
    `<text x="330" y="158" text-anchor="middle" fill="#777">${standing.metric}, ms; the bars are the medians</text>`,
    '</svg>',
    '',
  ].join('\n');
}
