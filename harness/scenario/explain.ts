import { inMs } from '../analysis/statistics/milliseconds.ts';
import { overPhases, pairUnder } from './models.ts';
import { narrate } from './narrate.ts';
import { type Parameters, parametersFor, parseParameters } from './parameters.ts';
import { GROUPS, type Scenario } from './scenario.ts';

/** The catalogue by its groups, a line a scenario. */
export function listing(scenarios: readonly Scenario[]): string {
  const widest = Math.max(...scenarios.map(({ name }) => name.length));
  return GROUPS.flatMap((group) => {
    const members = scenarios.filter((scenario) => scenario.group === group);
    return members.length === 0
      ? []
      : [`${group}:\n${members.map(({ name, title }) => `  ${name.padEnd(widest)}  ${title}\n`).join('')}`];
  }).join('\n');
}

/**
 * A scenario explained: its story, its steps in the story's words, and the prediction under
 * these settings.
 *
 * @throws UsageError
 */
export async function explanation(scenario: Scenario, set: readonly string[]): Promise<string> {
  const parameters = parametersFor(scenario.parameters, set);
  const steps = await narrate(scenario);
  return [
    `${scenario.name}: ${scenario.title}`,
    `(${scenario.group})`,
    '',
    scenario.story.trim(),
    '',
    'What happens:',
    ...steps.map((step, n) => `${String(n + 1).padStart(4)}. ${step}`),
    '',
    'What must hold:',
    '  - each check above',
    `  - outage: ${scenario.model.says}`,
    `    ${predicted(scenario, parameters)}`,
    '',
    `Parameters: ${parametersIn(parameters)}`,
    '',
  ].join('\n');
}

/** The prediction at the earliest and the latest phase of the fault. */
function predicted({ model }: Scenario, parameters: Parameters): string {
  const { min, max } = overPhases(model, pairUnder(parameters));
  if (max === 0) return 'nothing, whatever the parameters';
  if (max === Number.POSITIVE_INFINITY) return `${inMs(min)} or more`;
  return `${min.toFixed(0)} to ${inMs(max)} with these parameters, by the phase of the fault`;
}

function parametersIn(parameters: Parameters): string {
  const defaults = parseParameters([]);
  return (Object.entries(parameters) as [keyof Parameters, string | number][])
    .map(([key, value]) => `${key}=${value}${defaults[key] === value ? '' : ` (default ${defaults[key]})`}`)
    .join(', ');
}
