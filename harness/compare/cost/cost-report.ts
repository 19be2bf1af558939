import { figure, length } from '../../analysis/statistics/milliseconds.ts';
import { summarise } from '../../analysis/statistics/summary.ts';
import { PARTS, type Part, timingTable } from '../../result/timings.ts';
import { type Cost, perRun, type Ratio, ratioOf, WAYS, type Way } from './account.ts';
import { scarceWords } from './machine.ts';

/** One side's measurements, by way; each is one command. */
export interface CostSide {
  readonly text: string;
  readonly version: string;
  readonly costs: Readonly<Record<Way, readonly Cost[]>>;
}

export interface CostReview {
  readonly a: CostSide;
  /** Absent where one system is measured. */
  readonly b?: CostSide;
  /** Labs at once, where there are several. */
  readonly parallel: number;
}

/** How a way is said. */
const WORDS: Readonly<Record<Way, (parallel: number) => string>> = {
  single: () => 'one run',
  parallel: (parallel) => `--parallel ${parallel}`,
  reuse: (parallel) => `--parallel ${parallel} --reuse`,
};
/** Smaller shares are together `the rest`. */
const SHARE_MIN = 0.01;

/** The ratio of A's to B's processor time, for each way that both were measured in. */
export function ratios({ a, b }: CostReview): Readonly<Partial<Record<Way, Ratio>>> {
  const measured = WAYS.filter((way) => a.costs[way].length > 0 && b && b.costs[way].length > 0);
  return Object.fromEntries(measured.map((way) => [way, ratioOf(a.costs[way], b?.costs[way] ?? [])]));
}

/** Processor time per valid kill in seconds, by way: the medians, the ratio, what the runs were worth. */
export function costRows(review: CostReview): { readonly head: string[]; readonly rows: string[][] } {
  const { a, b, parallel } = review;
  const sides = b ? [a, b] : [a];
  const found = ratios(review);
  const named = (side: CostSide, what: string) => `${side === a ? 'A' : 'B'}: ${what}`;
  const head = [
    'way',
    ...sides.flatMap((side) => [
      named(side, 'CPU s per valid kill'),
      named(side, 'excess, median'),
      named(side, 'invalid'),
    ]),
    ...(b ? ['A / B', '95 % interval'] : []),
  ];
  const rows = WAYS.filter((way) => a.costs[way].length > 0).map((way) => {
    const ratio = found[way];
    return [
      WORDS[way](parallel),
      ...sides.flatMap(({ costs }) => worth(costs[way])),
      ...(b
        ? [
            ratio?.ratio.toFixed(2) ?? '–',
            ratio?.interval?.map((end) => end.toFixed(2)).join(' to ') ?? 'too few rounds',
          ]
        : []),
    ];
  });
  return { head, rows };
}

function worth(costs: readonly Cost[]): string[] {
  const useful = costs.filter(({ valid }) => valid > 0);
  const runs = costs.reduce((sum, { valid, invalid }) => sum + valid + invalid, 0);
  const invalid = costs.reduce((sum, cost) => sum + cost.invalid, 0);
  const excess = costs.flatMap(({ excessMs }) => excessMs);
  return [
    useful.length === 0 ? '–' : (summarise(useful.map(perRun)).median / 1000).toFixed(2),
    excess.length === 0 ? '–' : figure(summarise(excess).median),
    `${invalid} of ${runs}`,
  ];
}

/** What takes the time in a way: ms per valid kill and the share of it, by program, the largest of A first. */
export function shareRows(
  { a, b }: CostReview,
  way: Way,
): { readonly head: string[]; readonly rows: string[][] } {
  const sides = (b ? [a, b] : [a]).map(({ costs }) => meanShares(costs[way]));
  const [first = {}] = sides;
  const names = [...new Set(sides.flatMap((shares) => Object.keys(shares)))].sort(
    (one, other) => (first[other] ?? 0) - (first[one] ?? 0),
  );
  const totals = sides.map((shares) => Object.values(shares).reduce((sum, ms) => sum + ms, 0));
  const small = (name: string) =>
    sides.every((shares, n) => (shares[name] ?? 0) < SHARE_MIN * (totals[n] ?? 0));
  const row = (label: string, of: readonly string[]) => [
    label,
    ...sides.flatMap((shares, n) => {
      const ms = of.reduce((sum, name) => sum + (shares[name] ?? 0), 0);
      return [ms.toFixed(0), `${((100 * ms) / (totals[n] || 1)).toFixed(0)} %`];
    }),
  ];
  const rest = names.filter(small);
  return {
    head: ['program', ...sides.flatMap((_, n) => [`${'AB'[n]}: ms per valid kill`, 'share'])],
    rows: [
      ...names.filter((name) => !small(name)).map((name) => row(name, [name])),
      ...(rest.length > 0 ? [row('the rest', rest)] : []),
    ],
  };
}

/** How much of the machine's work was counted in a way, and what was scarce: a sentence for each side. */
export function machineLines({ a, b }: CostReview, way: Way): readonly string[] {
  return [a, ...(b ? [b] : [])].flatMap(({ costs }, n) => {
    const of = costs[way];
    const [counted, busy, wall] = [
      of.reduce((sum, { used }) => sum + used.totalMs, 0),
      of.reduce((sum, { machine }) => sum + machine.busyMs, 0),
      of.reduce((sum, { machine }) => sum + machine.wallMs, 0),
    ];
    if (busy === 0) return [];
    const valid = of.reduce((sum, cost) => sum + cost.valid, 0);
    const seconds = (ms: number) => (ms / 1000).toFixed(1);
    return `${'AB'[n]}: counted are ${seconds(counted)} s of the machine’s ${seconds(busy)} s, ${((100 * counted) / busy).toFixed(0)} %; ${scarceWords(of.map(({ machine }) => machine))}; ${((valid * 3_600_000) / wall).toFixed(0)} valid kills an hour`;
  });
}

/** Where the time of a command with one run went, medians of the rounds; undefined where nobody told. */
export function timingRows({
  a,
  b,
}: CostReview): { readonly head: string[]; readonly rows: string[][] } | undefined {
  const tables = [a, ...(b ? [b] : [])].flatMap(({ costs }, n) => {
    const told = costs.single.filter(({ valid, timings }) => valid > 0 && timings.command.length > 0);
    const table = mediansOf(told);
    return table ? [{ ...table, name: 'AB'[n], rounds: told.length }] : [];
  });
  if (tables.length === 0) return undefined;
  const row = (label: string, value: (table: (typeof tables)[number]) => number | undefined) => [
    label,
    ...tables.map((table) => {
      const ms = value(table);
      return ms === undefined ? '' : length(ms);
    }),
  ];
  const parts = Object.entries(PARTS) as readonly [Part, string][];
  return {
    head: ['part', ...tables.map(({ name, rounds }) => `${name}: median of ${rounds}`)],
    rows: [
      ...parts
        .map(([part, label]) => row(label, ({ rows }) => rows.find((each) => each.part === part)?.ms))
        .filter((cells) => cells.slice(1).some((cell) => cell !== '')),
      row('from the command to the report', ({ totalMs }) => totalMs),
      row('demanded by the protocol', ({ protocolMs }) => protocolMs),
      row('overhead', ({ overheadMs }) => overheadMs),
    ],
  };
}

/** Medians over commands with one run each: of the parts, and of what they come to in each command. */
function mediansOf(costs: readonly Cost[]) {
  const tables = costs.flatMap(({ timings: { command, runs } }) => timingTable(command, runs) ?? []);
  const all = timingTable(
    costs.flatMap(({ timings }) => timings.command),
    costs.flatMap(({ timings }) => timings.runs),
  );
  if (!all) return undefined;
  const middle = (of: (table: (typeof tables)[number]) => number) => summarise(tables.map(of)).median;
  return {
    rows: all.rows,
    totalMs: middle(({ totalMs }) => totalMs),
    protocolMs: middle(({ protocolMs }) => protocolMs),
    overheadMs: middle(({ totalMs, protocolMs }) => totalMs - protocolMs),
  };
}

/** ms per valid run over all commands of a side. */
function meanShares(costs: readonly Cost[]): Readonly<Record<string, number>> {
  const valid = costs.reduce((sum, cost) => sum + cost.valid, 0);
  const sums: Record<string, number> = {};
  for (const { used } of costs)
    for (const [name, ms] of Object.entries(used.shares))
      sums[name] = (sums[name] ?? 0) + ms / Math.max(1, valid);
  return sums;
}

/** The review as Markdown. */
export function costMarkdown(review: CostReview): string {
  const { a, b, parallel } = review;
  const markdown = ({ head, rows }: { readonly head: string[]; readonly rows: string[][] }) =>
    [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const timings = timingRows(review);
  return [
    '# Processor time per valid master kill',
    '',
    `A is ${a.text} (${a.version})${b ? `, B is ${b.text} (${b.version})` : ''}.`,
    '',
    markdown(costRows(review)),
    ...WAYS.filter((way) => a.costs[way].length > 0).flatMap((way) => [
      '',
      `## ${WORDS[way](parallel)}`,
      '',
      markdown(shareRows(review, way)),
      ...machineLines(review, way).map((line) => `\n${line}.`),
    ]),
    ...(timings ? ['', '## Where the time of one run went', '', markdown(timings)] : []),
    '',
    COUNTED,
    '',
  ].join('\n');
}

/** What is counted, and how. */
export const COUNTED =
  'Counted are the processes of the command (getrusage), the containers of its labs (control groups), and the engine: its daemons and what they wait for, such as runc. The rest of the machine’s work is the kernel’s and other programs’. An invalid run costs, and counts for nothing.';
