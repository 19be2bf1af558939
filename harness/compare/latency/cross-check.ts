import { summarise } from '../../analysis/statistics/summary.ts';

/**
 * The command that has ab ask for some seconds and prints its table: the share of requests in per cent, and their longest
 * time in ms.
 *
 * @param ab what runs it
 */
export function abCommand(ab: string, url: string, seconds: number): readonly string[] {
  // ab(1): -t alone means 50,000 requests at most; what follows it counts.
  const command = `${ab} -q -c 1 -t ${seconds} -n 1000000 -e /tmp/ab.csv ${url} > /tmp/ab.txt 2>&1`;
  return ['sh', '-c', `${command} || { cat /tmp/ab.txt; exit 1; }; cat /tmp/ab.csv`];
}

/** What one block told. */
export interface Told {
  readonly p50: number;
  readonly p99: number;
}

/**
 * Reads the percentiles, ms.
 *
 * @throws Error where the text is not ab's
 */
export function abPercentiles(csv: string): Told {
  const rows = new Map(
    csv
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number) as [number, number]),
  );
  const [p50, p99] = [rows.get(50), rows.get(99)];
  if (p50 === undefined || p99 === undefined)
    throw new Error(`ab printed no percentiles: ${csv.slice(0, 200)}`);
  return { p50, p99 };
}

/** A figure by both, ms. */
export interface LatencyAgreement {
  readonly percentile: 'p50' | 'p99';
  readonly ours: number;
  readonly ab: number;
  readonly differenceMs: number;
  readonly allowedMs: number;
  readonly agrees: boolean;
}

const ALLOWED_SHARE = 0.1;
const ALLOWED_MS = 0.05;

/** Compares the medians of both programs' blocks: they agree within 10 % or 50 µs. */
export function agreementsWithAb(ours: readonly Told[], ab: readonly Told[]): readonly LatencyAgreement[] {
  return (['p50', 'p99'] as const).map((percentile) => {
    const [mine, its] = [ours, ab].map(
      (blocks) => summarise(blocks.map((block) => block[percentile])).median,
    );
    const [a, b] = [mine ?? 0, its ?? 0];
    const allowedMs = Math.max(ALLOWED_MS, ALLOWED_SHARE * b);
    const differenceMs = a - b;
    return {
      percentile,
      ours: a,
      ab: b,
      differenceMs,
      allowedMs,
      agrees: Math.abs(differenceMs) <= allowedMs,
    };
  });
}
