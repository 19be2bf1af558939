import { summarise } from '../../analysis/statistics/summary.ts';
import { beyondLeast, type MeasuredRun, measuredOf } from '../../result/measured.ts';
import type { TrendPoint } from './background.ts';
import { demandsOf, medianDemand } from './demand.ts';

/**
 * What the trend shows of a scenario's runs: what clients get and what packets see, each run as if its fault had come
 * right after an advertisement, so that the drawn phases move nothing; and the demand for that.
 */
export function levelsOf(
  runs: readonly MeasuredRun[],
): Pick<TrendPoint, 'n' | 'notOver' | 'outage' | 'packetOutage' | 'excess' | 'demanded'> {
  const demands = demandsOf(runs);
  const demanded = demands && medianDemand([...demands.values()]);
  const level = (metric: 'outage' | 'packetOutage' | 'excess') => {
    const { values, atLeast } =
      metric === 'excess' || !demanded
        ? measuredOf(runs, metric)
        : measuredOf(runs, metric, (run, value) => beyondLeast(run, value) + demanded.min);
    if (values.length + atLeast.length === 0) return undefined;
    const { median, ci95 } = summarise(values, atLeast);
    return { [metric]: { median, ci95: ci95 && ([ci95[0], ci95[1]] as [number, number | null]) } };
  };
  const { values, atLeast } = measuredOf(runs, 'outage');
  return {
    n: values.length + atLeast.length,
    notOver: atLeast.length,
    ...level('outage'),
    ...level('packetOutage'),
    ...level('excess'),
    ...(demanded && { demanded }),
  };
}
