import { inMs } from '../../analysis/statistics/milliseconds.ts';
import { summarise } from '../../analysis/statistics/summary.ts';
import type { Background, TrendPoint } from '../../report/content/background.ts';
import { levelsOf } from '../../report/content/levels.ts';
import { beyondLeast } from '../../result/measured.ts';
import { changePoints } from './change-points.ts';
import { demandChanged, demandsBetween, sampleOf, sharperMetric } from './difference.ts';
import { demandText, differenceText } from './difference-text.ts';
import { configurationsOf, type Entry, type ScenarioEntry } from './entry.ts';
import type { Finding } from './gate.ts';
import { MINIMUM_DEMAND_MS } from './limits.ts';

/** What the report shows beside a result: the gate's findings, and each scenario's history. */
export function backgroundOf(
  findings: readonly Finding[],
  earlier: readonly Entry[],
  minimumEffectMs: number,
): Background {
  const [compared] = findings.flatMap(({ baseline, difference }) =>
    baseline && difference ? [baseline] : [],
  );
  const id = compared?.ids.join(', ');
  return {
    ...(compared &&
      id !== undefined && {
        baseline: { id, startedAt: compared.startedAt, fingerprint: compared.fingerprint },
      }),
    changes: findings.flatMap((finding) => changeOf(finding, minimumEffectMs)),
    trend: trendOf(earlier, minimumEffectMs),
  };
}

function changeOf(finding: Finding, minimumEffectMs: number): Background['changes'] {
  const { scenario, difference, demand, software } = finding;
  if (!difference) return [];
  const { effect, interval, p, n, atLeast } = difference.comparison;
  const { blame } = difference.software;
  return [
    {
      scenario,
      metric: difference.metric,
      verdict: changeVerdictOf(finding, effect),
      text: differenceText(difference, { a: 'the baseline', b: 'this result', minimumEffectMs }),
      effectMs: effect,
      ...(atLeast && { atLeast }),
      interval: interval ? [interval[0], interval[1]] : [effect, effect],
      p,
      minimumEffectMs,
      ...(blame && demand === 'same' && software === 'alarm' && { phase: blame.part }),
      n: { baseline: n[0], now: n[1] },
    },
  ];
}

function changeVerdictOf(
  { verdict, demand, software }: Finding,
  effect: number,
): Background['changes'][number]['verdict'] {
  if (verdict === 'alarm') return effect < 0 ? 'improved' : 'regressed';
  if (demand === 'accepted') return 'accepted';
  if (software === 'faster') return 'improved';
  return software === 'same' ? 'unchanged' : 'uncertain';
}

interface Night {
  readonly entry: Entry;
  readonly scenario: ScenarioEntry;
}

/** Every scenario's points in all entries, with the change points of those of one environment. */
export function trendOf(entries: readonly Entry[], minimumEffectMs: number): TrendPoint[] {
  const names = new Set(entries.flatMap(({ scenarios }) => scenarios.map(({ name }) => name)));
  return [...names].flatMap((name) => {
    const nights = entries.flatMap((entry) => {
      const scenario = entry.scenarios.find((candidate) => candidate.name === name);
      return scenario ? [{ entry, scenario }] : [];
    });
    const changes = changesById(nights, minimumEffectMs);
    return nights.map(({ entry, scenario }): TrendPoint => {
      const changePoint = changes.get(entry.id);
      return {
        scenario: name,
        id: entry.id,
        startedAt: entry.startedAt,
        fingerprint: entry.environment.fingerprint,
        status: scenario.status,
        ...levelsOf(scenario.runs),
        ...(changePoint && { changePoint }),
      };
    });
  });
}

/** What changed at which entry, in the demand or beyond it. */
function changesById(nights: readonly Night[], minimumEffectMs: number): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const tell = (id: string, text: string) =>
    found.set(id, [...(found.has(id) ? [found.get(id)] : []), text].join('; '));
  for (const same of Map.groupBy(nights, ({ entry }) => entry.environment.fingerprint).values()) {
    for (const [n, { entry, scenario }] of same.entries()) {
      const before = same[n - 1];
      if (!before) continue;
      const change = demandsBetween(
        { ...before.scenario, configurations: configurationsOf(before.entry, before.scenario) },
        { ...scenario, configurations: configurationsOf(entry, scenario) },
      );
      if (demandChanged(change, MINIMUM_DEMAND_MS)) tell(entry.id, demandText(change));
    }
    for (const { id, text } of softwareChanges(same, minimumEffectMs)) tell(id, text);
  }
  return found;
}

function softwareChanges(
  nights: readonly Night[],
  minimumEffectMs: number,
): readonly { readonly id: string; readonly text: string }[] {
  const all = nights.flatMap(({ scenario }) => scenario.runs);
  const metric = sharperMetric(all, all);
  const measured = nights.flatMap(({ entry, scenario }) => {
    const { values, atLeast = [] } = sampleOf(scenario.runs, metric, beyondLeast);
    if (values.length + atLeast.length === 0) return [];
    // A missing median lies beyond the longest observation.
    return [{ id: entry.id, median: summarise(values, atLeast).median ?? Math.max(...atLeast) }];
  });
  const series = measured.map(({ median }) => median);
  return changePoints(series, minimumEffectMs).flatMap(({ index, beforeMs, afterMs }) => {
    const id = measured[index]?.id;
    const text = `software went from ${beforeMs.toFixed(0)} to ${inMs(afterMs)} beyond the demand`;
    return id === undefined ? [] : [{ id, text }];
  });
}
