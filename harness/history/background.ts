import type { Background, TrendPoint } from '../report/background.ts';
import { summarise } from '../statistics/summary.ts';
import { changePoints } from './change-points.ts';
import { comparedMetric, type Entry, type ScenarioEntry, sampleOf } from './entry.ts';
import type { Finding } from './gate.ts';

/** What the report shows beside a result: the gate's findings, and each scenario's history. */
export function backgroundOf(
  findings: readonly Finding[],
  earlier: readonly Entry[],
  minimumEffectMs: number,
): Background {
  const [compared] = findings.flatMap(({ baseline, comparison }) =>
    baseline && comparison ? [baseline] : [],
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

function changeOf(
  { scenario, metric, verdict, comparison }: Finding,
  minimumEffectMs: number,
): Background['changes'] {
  if (!comparison) return [];
  const { effect, interval, p, blame, n } = comparison;
  const verdicts = { alarm: 'regressed', faster: 'improved', same: 'unchanged' } as const;
  return [
    {
      scenario,
      metric,
      verdict: verdict in verdicts ? verdicts[verdict as keyof typeof verdicts] : 'uncertain',
      effectMs: effect,
      interval: interval ? [interval[0], interval[1]] : [effect, effect],
      p,
      minimumEffectMs,
      ...(blame && { phase: blame.part }),
      n: { baseline: n[0], now: n[1] },
    },
  ];
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
        n: sampleOf(scenario.runs, 'outage').values.length,
        ...levelOf(scenario.runs, 'outage'),
        ...levelOf(scenario.runs, 'excess'),
        ...(changePoint && { changePoint }),
      };
    });
  });
}

function levelOf(runs: ScenarioEntry['runs'], metric: 'outage' | 'excess'): Partial<TrendPoint> {
  const { values } = sampleOf(runs, metric);
  if (values.length === 0) return {};
  const { median, ci95 } = summarise(values);
  return { [metric]: { median, ci95: ci95 ? [ci95[0], ci95[1]] : null } };
}

function changesById(
  nights: readonly { readonly entry: Entry; readonly scenario: ScenarioEntry }[],
  minimumEffectMs: number,
): ReadonlyMap<string, string> {
  const metric = comparedMetric(nights.flatMap(({ scenario }) => scenario.runs));
  const found = new Map<string, string>();
  for (const same of Map.groupBy(nights, ({ entry }) => entry.environment.fingerprint).values()) {
    const measured = same.flatMap(({ entry, scenario }) => {
      const { values } = sampleOf(scenario.runs, metric);
      return values.length > 0 ? [{ id: entry.id, median: summarise(values).median }] : [];
    });
    const series = measured.map(({ median }) => median);
    for (const { index, beforeMs, afterMs } of changePoints(series, minimumEffectMs)) {
      const id = measured[index]?.id;
      if (id) found.set(id, `${metric} went from ${beforeMs.toFixed(0)} to ${afterMs.toFixed(0)} ms`);
    }
  }
  return found;
}
