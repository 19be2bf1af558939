import type { Comparison } from '../../analysis/statistics/compare.ts';
import type { Baseline } from './baseline.ts';
import { type Difference, demandChanged, differenceOf, type Side } from './difference.ts';
import { differenceText } from './difference-text.ts';
import { MINIMUM_DEMAND_MS, MINIMUM_EFFECT_MS } from './limits.ts';
import { movedWithLoad } from './machine-load.ts';

/** The rate at which an unchanged night suspects one of its scenarios. */
const ALPHA = 0.05;

/** The gate's verdict on one scenario. */
export interface Finding {
  readonly scenario: string;
  /**
   * `alarm`: the configuration demands something else and nobody said that this is wanted, or software is slower and
   * the second batch confirmed it; `suspected`: software is slower, and no second batch has said anything yet;
   * `unconfirmed`: the second batch did not see it; `with the load`: the machine was busier, or less so, and what a busy
   * machine makes longer moved as it did; `incomparable`: the baseline is of another environment;
   * `no baseline`: nothing to compare with. The others are the software's.
   */
  readonly verdict:
    | Comparison['verdict']
    | 'alarm'
    | 'suspected'
    | 'unconfirmed'
    | 'with the load'
    | 'incomparable'
    | 'no baseline';
  /** Whether the demand differs from the baseline's, and whether that was accepted. */
  readonly demand?: 'same' | 'changed' | 'accepted';
  /** The verdict on software alone. */
  readonly software?: 'alarm' | 'suspected' | 'unconfirmed' | 'with the load' | Comparison['verdict'];
  /** How tonight differs from the baseline; absent when nothing was compared. */
  readonly difference?: Difference;
  readonly baseline?: Baseline;
}

/** A scenario tonight: its runs, and those of the second batch where there was one. */
export interface Candidate extends Side {
  readonly name: string;
  readonly confirmation?: Side['runs'];
  readonly baseline: Baseline | undefined;
}

export interface Limits {
  /** Smallest change of what software takes that matters, ms. */
  readonly minimumEffectMs?: number;
  /** Smallest change of what the configuration demands that matters, ms. */
  readonly minimumDemandMs?: number;
  /** A change of the demand is wanted. */
  readonly acceptDemand?: boolean;
  /** Compare with a baseline of another environment too. */
  readonly mixed?: boolean;
}

/**
 * Compares each scenario with its baseline, what the configuration demands and what software takes apart, each by a
 * limit of its own. A demand is computed: one run shows a change. For software, the allowed rate of false
 * alarms is divided by the number of scenarios (Bonferroni), an alarm wants an effect that is significant and large
 * enough, and the same again in a batch of its own.
 */
export function gate(
  candidates: readonly Candidate[],
  fingerprint: string,
  { minimumEffectMs = MINIMUM_EFFECT_MS, minimumDemandMs = MINIMUM_DEMAND_MS, ...options }: Limits = {},
): readonly Finding[] {
  const alpha = ALPHA / Math.max(1, candidates.length);
  return candidates.map(({ name, confirmation, baseline, ...tonight }): Finding => {
    const base = { scenario: name, ...(baseline && { baseline }) };
    if (!baseline) return { ...base, verdict: 'no baseline' };
    const difference = differenceOf(baseline, tonight, { minimumEffectMs, alpha });
    if (!difference) return { ...base, verdict: 'no baseline' };
    if (baseline.fingerprint !== fingerprint && !options.mixed) return { ...base, verdict: 'incomparable' };
    const withLoad = movedWithLoad(baseline.runs, tonight.runs, difference.software);
    const again =
      difference.software.verdict === 'slower' && !withLoad
        ? differenceOf(baseline, { ...tonight, runs: confirmation ?? [] }, { minimumEffectMs, alpha: ALPHA })
        : undefined;
    const software = withLoad ? 'with the load' : confirmed(difference, again);
    const changed = demandChanged(difference, minimumDemandMs);
    const demand = changed ? (options.acceptDemand ? 'accepted' : 'changed') : 'same';
    return { ...base, verdict: demand === 'changed' ? 'alarm' : software, demand, software, difference };
  });
}

function confirmed(
  { software }: Difference,
  again: Difference | undefined,
): NonNullable<Finding['software']> {
  if (software.verdict !== 'slower') return software.verdict;
  if (!again) return 'suspected';
  return again.software.verdict === 'slower' ? 'alarm' : 'unconfirmed';
}

/** A finding in one sentence. */
export function sentenceOf(finding: Finding, minimumEffectMs: number = MINIMUM_EFFECT_MS): string {
  const { scenario, verdict, demand, baseline, difference } = finding;
  if (verdict === 'no baseline') return `${scenario}: nothing to compare with`;
  if (verdict === 'incomparable') {
    return `${scenario}: not compared: the baseline is from another environment (${baseline?.fingerprint})`;
  }
  if (!difference) return `${scenario}: ${verdict}`;
  const text = differenceText(difference, { a: 'the baseline', b: 'tonight', minimumEffectMs });
  const accepted = demand === 'accepted' ? '; the changed demand was accepted' : '';
  return `${scenario}: ${verdict}${verdict === 'alarm' ? ` (${causeOf(finding)})` : ''}, ${text}${accepted}`;
}

/** Which part of the outage raised an alarm. */
function causeOf({ demand, software }: Finding): string {
  const causes = [
    ...(demand === 'changed' ? ['the configuration demands something else'] : []),
    ...(software === 'alarm' ? ['software is slower'] : []),
  ];
  return causes.join(', and ');
}
