import { type Difference, differenceOf } from './difference.ts';
import { configurationsOf, type Entry } from './entry.ts';

/** How a scenario changed between two results; empty where one has no run that counts. */
export type ScenarioComparison = { readonly scenario: string } & Partial<Difference>;

/** How two results differ. */
export interface TwoResults {
  readonly a: string;
  readonly b: string;
  /** How their environments differ, in words; empty when their figures may be compared. */
  readonly environment: readonly string[];
  readonly scenarios: readonly ScenarioComparison[];
  /** Scenarios that only one of them has. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
}

/** Compares two results scenario by scenario, the first as the baseline. */
export function compareResults(a: Entry, b: Entry, minimumEffectMs: number): TwoResults {
  const others = new Map(b.scenarios.map((scenario) => [scenario.name, scenario]));
  const names = new Set(a.scenarios.map(({ name }) => name));
  return {
    a: a.id,
    b: b.id,
    environment: environmentDifferences(a.environment, b.environment),
    scenarios: a.scenarios.flatMap((scenario) => {
      const other = others.get(scenario.name);
      if (!other) return [];
      const before = { ...scenario, configurations: configurationsOf(a, scenario) };
      const after = { ...other, configurations: configurationsOf(b, other) };
      return [{ scenario: scenario.name, ...differenceOf(before, after, { minimumEffectMs }) }];
    }),
    onlyA: [...names].filter((name) => !others.has(name)),
    onlyB: [...others.keys()].filter((name) => !names.has(name)),
  };
}

/** The difference of a scenario; undefined where one side has no run that counts. */
export function differenceIn(compared: ScenarioComparison): Difference | undefined {
  return compared.comparison === undefined ? undefined : (compared as Difference);
}

/** Each field of the environments that differs, as `kernel 6.1 and 6.18`. */
export function environmentDifferences(a: Entry['environment'], b: Entry['environment']): readonly string[] {
  if (a.fingerprint === b.fingerprint) return [];
  const flat = ({ versions, system, fingerprint: _, ...rest }: Entry['environment']) =>
    ({ ...rest, ...versions, ...system }) as Record<string, string | number>;
  const [one, other] = [flat(a), flat(b)];
  const differences = [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((key) => one[key] !== other[key])
    .map((key) => `${key} ${one[key] ?? 'unknown'} and ${other[key] ?? 'unknown'}`);
  return differences.length > 0 ? differences : [`fingerprint ${a.fingerprint} and ${b.fingerprint}`];
}
