import { cumulativeStdNormalProbability, probit } from 'simple-statistics';

/**
 * How many runs a side are needed to see a difference with the Mann-Whitney test, after Noether (Sample size
 * determination for some common nonparametric tests, JASA 1987), for values that spread as a normal
 * distribution does.
 *
 * @param effectMs the difference to detect
 * @param deviationMs standard deviation of one side's values
 * @param power probability of detecting it, 0 to 1
 * @param alpha two-sided rate of false alarms
 */
export function runsNeeded({
  effectMs,
  deviationMs,
  power = 0.9,
  alpha = 0.05,
}: {
  readonly effectMs: number;
  readonly deviationMs: number;
  readonly power?: number;
  readonly alpha?: number;
}): number {
  const quantiles = probit(1 - alpha / 2) + probit(power);
  const greater = cumulativeStdNormalProbability(Math.abs(effectMs) / (deviationMs * Math.SQRT2));
  const both = quantiles ** 2 / (12 * 0.25 * (greater - 0.5) ** 2);
  // Fewer than four a side cannot differ at the 5 % level, however far apart they are.
  return Math.max(4, Math.ceil(both / 2));
}
