import type { Bounds, Prediction } from '../model/prediction.ts';
import type { Parameters } from './parameters.ts';
import type { Story } from './story.ts';

export interface Scenario {
  readonly name: string;
  /** What happens, in one clause. */
  readonly title: string;
  /** What the protocol demands for the outage, ms: a figure, or bounds. */
  readonly model: (known: Prediction<Parameters>) => number | Bounds;
  readonly run: (story: Story) => Promise<void>;
}

let listener: ((scenario: Scenario) => void) | undefined;

/** Has each scenario that is defined from now on announced: so a scenario's file becomes a test file. */
export function onScenario(announce: (scenario: Scenario) => void): void {
  listener = announce;
}

/** Defines the scenario of a file in scenarios/, which is named as it is. */
export function scenario(name: string, definition: Omit<Scenario, 'name'>): Scenario {
  const defined = { name, ...definition };
  listener?.(defined);
  return defined;
}
