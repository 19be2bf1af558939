import { type Comparison, compare } from '../statistics/compare.ts';
import type { Baseline } from './baseline.ts';
import { comparedMetric, type ScenarioEntry, sampleOf } from './entry.ts';

/** Below this, a difference in milliseconds does not matter to a client that waits for seconds. */
export const MINIMUM_EFFECT_MS = 50;
/** Of a night without any change, over all its scenarios: the rate at which one is suspected. */
const ALPHA = 0.05;

/** What the gate says of one scenario. */
export interface Finding {
  readonly scenario: string;
  readonly metric: string;
  /**
   * `alarm`: slower, and the second batch confirmed it; `suspected`: slower, and no second batch has said
   * anything yet; `unconfirmed`: the second batch did not see it; `incomparable`: the baseline is of another
   * environment; `no baseline`: nothing to compare with.
   */
  readonly verdict:
    | 'alarm'
    | 'suspected'
    | 'unconfirmed'
    | 'faster'
    | 'same'
    | 'undecided'
    | 'incomparable'
    | 'no baseline';
  /** Absent when nothing was compared. */
  readonly comparison?: Comparison;
  readonly baseline?: Baseline;
}

/** A scenario tonight: its runs, and those of the second batch where there was one. */
export interface Candidate {
  readonly name: string;
  readonly runs: ScenarioEntry['runs'];
  readonly confirmation?: ScenarioEntry['runs'];
  readonly baseline: Baseline | undefined;
}

/**
 * Compares each scenario with its baseline. The allowed rate of false alarms is divided by the number of
 * scenarios (Bonferroni), an alarm wants an effect that is significant and large enough, and the same again
 * in a batch of its own.
 */
export function gate(
  candidates: readonly Candidate[],
  fingerprint: string,
  {
    minimumEffectMs = MINIMUM_EFFECT_MS,
    mixed = false,
  }: { readonly minimumEffectMs?: number; readonly mixed?: boolean } = {},
): readonly Finding[] {
  const alpha = ALPHA / Math.max(1, candidates.length);
  return candidates.map(({ name, runs, confirmation, baseline }): Finding => {
    const metric = comparedMetric(baseline?.runs ?? runs);
    const base = { scenario: name, metric, ...(baseline && { baseline }) };
    const before = sampleOf(baseline?.runs ?? [], metric);
    const now = sampleOf(runs, metric);
    if (!baseline || before.values.length === 0 || now.values.length === 0) {
      return { ...base, verdict: 'no baseline' };
    }
    if (baseline.fingerprint !== fingerprint && !mixed) return { ...base, verdict: 'incomparable' };
    const comparison = compare(before, now, { minimumEffectMs, alpha });
    if (comparison.verdict !== 'slower') return { ...base, comparison, verdict: comparison.verdict };
    const second = sampleOf(confirmation ?? [], metric);
    if (second.values.length === 0) return { ...base, comparison, verdict: 'suspected' };
    const again = compare(before, second, { minimumEffectMs, alpha: ALPHA });
    return { ...base, comparison, verdict: again.verdict === 'slower' ? 'alarm' : 'unconfirmed' };
  });
}

/** A finding in one sentence. */
export function sentenceOf({ scenario, metric, verdict, comparison, baseline }: Finding): string {
  if (verdict === 'no baseline') return `${scenario}: nothing to compare with`;
  if (verdict === 'incomparable') {
    return `${scenario}: not compared, as the baseline is of another environment (${baseline?.fingerprint})`;
  }
  if (!comparison) return `${scenario}: ${verdict}`;
  const { effect, interval, p, blame, n } = comparison;
  const between = interval ? `, interval ${signed(interval[0])} to ${signed(interval[1])}` : '';
  const phase = blame ? `, most of it in ${blame.part} (${signed(blame.effect)})` : '';
  return `${scenario}: ${verdict}, ${metric} ${signed(effect)}${between}, p ${p.toPrecision(2)}, ${n[0]} against ${n[1]} runs${phase}`;
}

function signed(ms: number): string {
  return `${ms >= 0 ? '+' : '−'}${Math.abs(ms).toFixed(1)} ms`;
}
