import { median, medianAbsoluteDeviation } from 'simple-statistics';
import { type Bounds, excessOver } from '../../analysis/model/bounds.ts';
import { type Configurations, settingChanges } from '../../analysis/model/settings.ts';
import { type Comparison, compare, isEmpty, type Sample } from '../../analysis/statistics/compare.ts';
import { type Demands, demandsOf, medianDemand } from '../../report/content/demand.ts';
import { beyondLeast, isJudged, measuredOf, type MeasuredRun as Run } from '../../result/measured.ts';
import type { ScenarioEntry } from './entry.ts';
import { MINIMUM_DEMAND_MS } from './limits.ts';

type Runs = readonly Run[];

/** One of two that are compared. */
export interface Side {
  readonly runs: Runs;
  /** The runs that tell the demand; all by default. */
  readonly demandedOf?: Runs;
  readonly parameters?: ScenarioEntry['parameters'] | undefined;
  /** The pair's configuration; undefined where it was not kept. */
  readonly configurations?: Configurations | undefined;
}

/** The metric that compares two sides. */
export type ComparedMetric = 'outage' | 'packetOutage';

/** How the second of two sides differs from the first: what clients get, and its two parts. */
export interface Difference {
  readonly metric: ComparedMetric;
  /** The verdict on the whole; where the runs are too few, on the configuration alone. */
  readonly verdict: Comparison['verdict'];
  /** What clients get, each run as if its fault had come right after an advertisement. */
  readonly comparison: Comparison;
  /** What the configurations demand, ms; absent where one side does not say. It needs no statistics. */
  readonly demanded?: Bounds;
  /** The difference of the excess. */
  readonly software: Comparison;
  /** The settings that differ, as `amphora-2, keepalived.conf: priority 90 → 40`. */
  readonly settings: readonly string[];
}

/** Where the ends of the bounds move more unequally than this, the demand is a range, ms. */
const SHARP_MS = 1;

/**
 * Compares two sides' outages, and takes the difference apart.
 *
 * @returns undefined where one side has no run that counts
 */
export function differenceOf(
  a: Side,
  b: Side,
  { minimumEffectMs, alpha = 0.05 }: { readonly minimumEffectMs: number; readonly alpha?: number },
): Difference | undefined {
  const metric = sharperMetric(a.runs, b.runs);
  const { settings, demanded, atPhaseZero } = demandsBetween(a, b);
  const options = { minimumEffectMs, alpha };
  const beyond = [a, b].every(({ runs }) => runs.some(({ predicted }) => predicted))
    ? beyondLeast
    : undefined;
  const before = shifted(sampleOf(a.runs, metric, beyond), atPhaseZero[0]);
  const after = shifted(sampleOf(b.runs, metric, beyond), atPhaseZero[1]);
  if (isEmpty(before) || isEmpty(after)) return undefined;
  const comparison = compare(before, after, options);
  const even = !demanded || demanded.max - demanded.min < SHARP_MS;
  const software = even
    ? compare(before, shifted(after, demanded ? -demanded.min : 0), options)
    : compare(sampleOf(a.runs, metric, beyondBounds), sampleOf(b.runs, metric, beyondBounds), options);
  const verdict = comparison.verdict === 'undecided' ? byDemand(demanded, software) : comparison.verdict;
  return { metric, verdict, comparison, ...(demanded && { demanded }), software, settings };

  /** The configurations alone decide where software shows no change in the other direction. */
  function byDemand(change: Bounds | undefined, { effect }: Comparison): Comparison['verdict'] {
    if (change && change.min + Math.min(0, effect) >= minimumEffectMs) return 'slower';
    if (change && change.max + Math.max(0, effect) <= -minimumEffectMs) return 'faster';
    return 'undecided';
  }
}

/** Whether the demands of the sides differ by at least this much, in either direction. */
export function demandChanged({ demanded }: Pick<Difference, 'demanded'>, limitMs: number): boolean {
  return demanded !== undefined && Math.max(Math.abs(demanded.min), Math.abs(demanded.max)) >= limitMs;
}

/**
 * A metric's values less what was demanded for each run's phase, with the parts of the requests' outage; detection
 * holds the demanded time.
 */
export function sampleOf(
  runs: Runs,
  metric: string,
  beyond: (run: Run, value: number) => number = (_, value) => value,
): Sample {
  const judged = runs.filter((run) => isJudged(run) && run.metrics[metric] !== undefined);
  const names = new Set(judged.flatMap(({ phases }) => Object.keys(phases ?? {})));
  const parts = [...names].map((name) => {
    const values = judged.flatMap((run) => {
      const value = run.phases?.[name];
      if (value === undefined) return [];
      return [name === 'detection' ? beyondLeast(run, value) : value];
    });
    return [name, values] as const;
  });
  return { ...measuredOf(runs, metric, beyond), parts: Object.fromEntries(parts) };
}

function beyondBounds({ predicted }: Pick<Run, 'predicted'>, value: number): number {
  return predicted ? excessOver(predicted.outage, value) : value;
}

/** Each value, increased by this much. */
export function shifted({ values, atLeast = [], ...rest }: Sample, ms: number): Sample {
  return { ...rest, values: values.map((value) => value + ms), atLeast: atLeast.map((value) => value + ms) };
}

/**
 * The metric that needs fewer runs, as it spreads less. Packets count only where they saw the same outage as
 * the requests: the kernel answers them, whatever HAProxy does.
 */
export function sharperMetric(a: Runs, b: Runs): ComparedMetric {
  const sides = [a, b].map((runs) => runs.filter((run) => isJudged(run) && run.metrics.outage !== undefined));
  const saw = sides.every((runs) => {
    const gaps = runs.flatMap(({ metrics: { outage, packetOutage } }) =>
      outage === undefined || packetOutage === undefined ? [] : [Math.abs(outage - packetOutage)],
    );
    const uncertainties = runs.map(({ metrics }) => metrics.uncertainty ?? 0);
    return gaps.length > 0 && gaps.length === runs.length && median(gaps) <= median(uncertainties);
  });
  if (!saw) return 'outage';
  const spread = (metric: ComparedMetric) =>
    sides
      .map((runs) => medianAbsoluteDeviation(runs.map((run) => beyondLeast(run, run.metrics[metric] ?? 0))))
      .reduce((sum, deviation) => sum + deviation, 0);
  return spread('packetOutage') < spread('outage') ? 'packetOutage' : 'outage';
}

/**
 * How much more the second side demands than the first, and by which settings: the part that needs no statistics.
 * Equal configurations have equal demands, whatever models make of single runs.
 */
export function demandsBetween(
  a: Side,
  b: Side,
): Pick<Difference, 'demanded' | 'settings'> & {
  /** What each side demands for a fault right after an advertisement, ms; at least. */
  readonly atPhaseZero: readonly [number, number];
} {
  const settings = settingChanges(a.configurations ?? {}, b.configurations ?? {});
  const [before, after] = [demandsOf(a.demandedOf ?? a.runs), demandsOf(b.demandedOf ?? b.runs)];
  if (!before || !after) return { settings, atPhaseZero: [0, 0] };
  const [one, other] = sameBackup(before, after);
  const told = a.configurations && b.configurations && settings.length === 0;
  if (!told || !sameParameters(a, b)) {
    return { settings, demanded: changeOf(one, other), atPhaseZero: [one.min, other.min] };
  }
  // Another version's model may demand something else of the same configuration; then each side has its own.
  const sameModel = Math.abs(other.min - one.min) < MINIMUM_DEMAND_MS;
  return {
    settings,
    demanded: { min: 0, max: 0 },
    atPhaseZero: [one.min, sameModel ? one.min : other.min],
  };
}

/** The demand of the same amphora taking over where both sides have it, else of the one whose demand moved most. */
function sameBackup(before: Demands, after: Demands): readonly [Bounds, Bounds] {
  const both = [...before].flatMap(([backup, one]) => {
    const other = after.get(backup);
    return other ? [[one, other] as const] : [];
  });
  const moved = ([one, other]: readonly [Bounds, Bounds]) => {
    const { min, max } = changeOf(one, other);
    return Math.max(Math.abs(min), Math.abs(max));
  };
  const [most] = both.sort((x, y) => moved(y) - moved(x));
  return most ?? [medianDemand([...before.values()]), medianDemand([...after.values()])];
}

function changeOf(before: Bounds, after: Bounds): Bounds {
  // A demand without an upper bound is compared by its lower bound.
  const bounded = Number.isFinite(before.max) && Number.isFinite(after.max);
  const ends = [after.min - before.min, bounded ? after.max - before.max : after.min - before.min];
  return { min: Math.min(...ends), max: Math.max(...ends) };
}

function sameParameters({ parameters: a = {} }: Side, { parameters: b = {} }: Side): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => a[key] === b[key]);
}
