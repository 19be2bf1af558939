import type { Comparison } from '../../analysis/statistics/compare.ts';
import type { MeasuredRun } from '../../result/measured.ts';
import { randomFrom } from '../../scenario/phases.ts';
import { type ComparedMetric, differenceOf, sharperMetric } from '../history/difference.ts';

type Runs = readonly MeasuredRun[];

/** What the instrument promises when it compares this many runs of each side. */
export const SENSITIVITY = { runs: 12, found: 0.9, falseAlarms: 0.05 } as const;

/** What came of many comparisons. */
export interface Sensitivity {
  /** How often each was made. */
  readonly trials: number;
  /** The share of comparisons with the slowed-down system that found it slower. */
  readonly found: number;
  /** The share of comparisons of the system with itself that found a difference. */
  readonly falseAlarms: number;
  /** How often each part was blamed for a difference. */
  readonly blamed: Readonly<Record<string, number>>;
  /** Between the two pools, ms. */
  readonly effectMs: number;
  /** By which the two pools are compared. */
  readonly metric: ComparedMetric;
  /** The promises that were not kept, a sentence each. */
  readonly broken: readonly string[];
}

/**
 * Draws samples from measured runs, without replacement within a comparison, and compares them as the gate
 * does.
 *
 * @param pools runs of the system as it is, at least twice as many as a sample has, and of the slowed-down one
 * @param options.minimumEffectMs below the slowdown, as a measured effect lies about it
 * @param options.part the one that was slowed down
 * @throws RangeError when there are too few runs
 */
export function sensitivityOf(
  { a, b }: { readonly a: Runs; readonly b: Runs },
  options: {
    readonly trials: number;
    readonly seed: number;
    readonly minimumEffectMs: number;
    readonly part: string;
  },
): Sensitivity {
  const { runs } = SENSITIVITY;
  const counted = (pool: Runs) => pool.filter(({ metrics }) => metrics.excess !== undefined);
  const [plain, slowed] = [counted(a), counted(b)];
  if (plain.length < 2 * runs || slowed.length < runs) {
    throw new RangeError(
      `A comparison needs ${2 * runs} runs of one side and ${runs} of the other; ${plain.length} and ${slowed.length} count.`,
    );
  }
  const random = randomFrom(options.seed);
  const { trials, minimumEffectMs, part } = options;
  const verdict = (before: Runs, after: Runs): Comparison => {
    const difference = differenceOf({ runs: before }, { runs: after }, { minimumEffectMs });
    if (!difference) throw new RangeError('A comparison needs runs that count on both sides.');
    return difference.software;
  };
  let found = 0;
  let falseAlarms = 0;
  const blamed: Record<string, number> = {};
  for (let trial = 0; trial < trials; trial++) {
    const [one, two] = halves(drawn(plain, 2 * runs, random));
    const slowedDown = verdict(one, drawn(slowed, runs, random));
    if (slowedDown.verdict === 'slower') {
      found++;
      const name = slowedDown.blame?.part ?? 'nothing';
      blamed[name] = (blamed[name] ?? 0) + 1;
    }
    const without = verdict(one, two).verdict;
    if (without === 'slower' || without === 'faster') falseAlarms++;
  }
  const shares = { found: found / trials, falseAlarms: falseAlarms / trials };
  const broken = [
    ...(shares.found < SENSITIVITY.found
      ? [
          `The slowdown was found in ${percent(shares.found)} of the trials; ${percent(SENSITIVITY.found)} are promised.`,
        ]
      : []),
    ...(shares.falseAlarms > SENSITIVITY.falseAlarms
      ? [
          `The system differed from itself in ${percent(shares.falseAlarms)} of the trials; at most ${percent(SENSITIVITY.falseAlarms)} are promised.`,
        ]
      : []),
    ...((blamed[part] ?? 0) < 0.9 * found
      ? [`${part} was blamed in ${blamed[part] ?? 0} of ${found} findings only.`]
      : []),
  ];
  const metric = sharperMetric(plain, slowed);
  return { trials, ...shares, blamed, effectMs: verdict(plain, slowed).effect, metric, broken };
}

function halves(runs: Runs): readonly [Runs, Runs] {
  return [runs.slice(0, runs.length / 2), runs.slice(runs.length / 2)];
}

/** Draws `count` of them, each at most once (Fisher and Yates). */
function drawn(pool: Runs, count: number, random: () => number): Runs {
  const rest = [...pool];
  return Array.from({ length: count }, () => rest.splice(Math.floor(random() * rest.length), 1)).flat();
}

/** A share, as a percentage. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
