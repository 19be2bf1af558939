import { type Comparison, compare } from '../../analysis/statistics/compare.ts';
import { summarise } from '../../analysis/statistics/summary.ts';
import { type Measured, ROWS, type Row } from './blocks.ts';
import { type Latency, latencyOf } from './latency.ts';

export type Percentile = keyof Pick<Latency, 'p50' | 'p99' | 'p999'>;

/** The figures that are compared. Others say little more, and each lets chance find a difference once more. */
const COMPARED: Readonly<Record<Row, readonly Percentile[]>> = {
  steady: ['p50', 'p99', 'p999'],
  'closed loop': ['p50', 'p99'],
  reloads: ['p50', 'p99'],
  failover: ['p50', 'p99'],
};

/** One figure of both sides. */
export interface Figure {
  readonly row: Row | 'connections';
  /** Absent for the time that a connection takes when many are opened at once. */
  readonly percentile?: Percentile;
  /** The value of each block, ms. */
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly minimumEffectMs: number;
  readonly comparison: Comparison;
}

/** What is known after a look. */
export interface LatencyStanding {
  readonly figures: readonly Figure[];
  /** `slower` where any figure is; else what the first says, a request's median wait. */
  readonly verdict: Comparison['verdict'];
  /** Every median wait is decided. */
  readonly certain: boolean;
}

/** Which differences matter. */
export interface Limits {
  readonly minimumEffectMs: number;
  /** How often the comparison may be looked at. */
  readonly looks: number;
}

const ALPHA = 0.05;
/** A difference below this share of a figure is no matter either. */
const MINIMUM_SHARE = 0.05;

/**
 * Compares the blocks so far, figure by figure. Many figures and frequent looks find chance differences more often: the
 * rate of false alarms is divided by their number (Bonferroni).
 */
export function latencyStanding(a: Measured, b: Measured, limits: Limits): LatencyStanding {
  const samples = [
    ...ROWS.flatMap((row) =>
      COMPARED[row].map((percentile) => ({
        ...{ row, percentile },
        ...{ a: valuesOf(a, row, percentile), b: valuesOf(b, row, percentile) },
        absoluteMs: limits.minimumEffectMs,
      })),
    ),
    { row: 'connections' as const, a: connectionMs(a), b: connectionMs(b), absoluteMs: 0 },
  ].filter((sample) => sample.a.length > 0 && sample.b.length > 0);
  const alpha = ALPHA / limits.looks / Math.max(1, samples.length);
  const figures = samples.map(({ absoluteMs, ...sample }): Figure => {
    const minimumEffectMs = Math.max(absoluteMs, MINIMUM_SHARE * summarise(sample.a).median);
    const comparison = compare({ values: sample.a }, { values: sample.b }, { minimumEffectMs, alpha });
    return { ...sample, minimumEffectMs, comparison };
  });
  const medians = figures.filter(({ row, percentile }) => percentile === 'p50' && row !== 'failover');
  const slower = figures.some(({ comparison }) => comparison.verdict === 'slower');
  return {
    figures,
    verdict: slower ? 'slower' : (figures[0]?.comparison.verdict ?? 'undecided'),
    certain: medians.length > 0 && medians.every(({ comparison }) => comparison.verdict !== 'undecided'),
  };
}

/** A block whose capture lost packets is not whole, and is left out. */
function valuesOf({ blocks }: Measured, row: Row, percentile: Percentile): readonly number[] {
  return blocks
    .filter((block) => block.row === row && block.waits.lostPackets === 0)
    .map(({ waits }) => latencyOf(waits)[percentile]);
}

/** From one connection to the next when many are opened at once: as a wait, longer is worse. */
function connectionMs({ connectionsPerSecond }: Measured): readonly number[] {
  return connectionsPerSecond.filter((rate) => rate > 0).map((rate) => 1000 / rate);
}
