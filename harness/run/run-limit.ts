import { timingOf } from '../lab/amphora-timing.ts';
import { parametersFor, settingsOf } from '../scenario/parameters.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { storyLimitMs } from '../scenario/telling.ts';

/** Time that a run may take in addition to its story. */
const RUN_LIMIT_MS = 8 * 60_000;

/** How long a run of a scenario may take with these parameters. */
export function runLimitMs(scenario: Scenario, set: readonly string[]): number {
  return RUN_LIMIT_MS + storyLimitMs(scenario, timingOf(settingsOf(parametersFor(scenario.parameters, set))));
}
