import { isJudged } from '../../result/measured.ts';
import type { Side } from './difference.ts';
import { configurationsOf, type Entry, type ScenarioEntry } from './entry.ts';

/** Nights in the rolling baseline: enough for a narrow interval, few enough to follow an accepted change. */
const ROLLING_NIGHTS = 7;

/** What a scenario of tonight is compared with. */
export interface Baseline extends Side {
  /** The results that it was taken from, oldest first. */
  readonly ids: readonly string[];
  readonly startedAt: string;
  readonly fingerprint: string;
}

/**
 * The newest nights of the same environment and parameters, without those in which the scenario's regression
 * was confirmed: else a regression would become its own baseline within a week.
 *
 * @param entries oldest first
 */
export function rollingBaseline(
  entries: readonly Entry[],
  scenario: Pick<ScenarioEntry, 'name' | 'parameters'>,
  fingerprint: string,
): Baseline | undefined {
  const fit = entries.filter(
    (entry) => entry.environment.fingerprint === fingerprint && !entry.alarms.includes(scenario.name),
  );
  return pooled(fit, scenario, ROLLING_NIGHTS);
}

/** A single result of any environment: the gate reports when it is another one. */
export function pinnedBaseline(
  entry: Entry,
  scenario: Pick<ScenarioEntry, 'name' | 'parameters'>,
): Baseline | undefined {
  return pooled([entry], scenario, 1);
}

function pooled(
  entries: readonly Entry[],
  { name, parameters }: Pick<ScenarioEntry, 'name' | 'parameters'>,
  nights: number,
): Baseline | undefined {
  const found = entries
    .flatMap((entry) => {
      const same = entry.scenarios.find((scenario) => scenario.name === name);
      const judged = same && equal(same.parameters, parameters) && same.runs.some(isJudged);
      return judged ? [{ entry, scenario: same }] : [];
    })
    .slice(-nights);
  const newest = found.at(-1);
  if (!newest) return undefined;
  return {
    ids: found.map(({ entry }) => entry.id),
    startedAt: newest.entry.startedAt,
    fingerprint: newest.entry.environment.fingerprint,
    runs: found.flatMap(({ scenario }) => scenario.runs),
    // A change of the demand that was accepted counts from then on.
    demandedOf: newest.scenario.runs,
    parameters,
    configurations: configurationsOf(newest.entry, newest.scenario),
  };
}

function equal(a: ScenarioEntry['parameters'], b: ScenarioEntry['parameters']): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => a[key] === b[key]);
}
