import type { Scenario } from '../scenario/scenario.ts';
import { WORDS } from '../scenario/story/words.ts';
import { literal, scenarioText } from '../scenario/written-scenario.ts';
import { UsageError } from '../usage-error.ts';
import { AMPHORA } from '../vocabulary/argument.ts';
import { wordIn } from '../vocabulary/word.ts';
import type { Order } from './server.ts';

/** Something that was clicked. */
export interface Step extends Order {
  /** The machine that answered clients once it was over; absent where the next one came before. */
  readonly servedBy?: string;
}

const ROLES = ['master', 'backup', 'third'] as const;

/**
 * What was clicked as a scenario: each step waits until clients are served as they were when it was clicked.
 *
 * @param machines by the roles that they had at first: master, backup, third
 * @param like the scenario of the catalogue that begins in the same way, whose model it takes over
 * @throws UsageError
 */
export function savedScenario(
  name: string,
  steps: readonly Step[],
  machines: readonly string[],
  like: Scenario | undefined,
): string {
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new UsageError(
      `A scenario's name has small letters, digits and hyphens, and begins with a letter; found "${name}".`,
    );
  if (steps.length === 0) throw new UsageError('Nothing has been done yet: there is nothing to save.');
  const roleOf = (machine: unknown) => {
    const role = ROLES[machines.indexOf(String(machine))];
    if (role) return role;
    throw new UsageError(
      `${machine} was not there when the page was opened: a scenario cannot name it, so this cannot be saved.`,
    );
  };
  const lines = steps.flatMap(({ part, word, given, servedBy }, n) => {
    const { takes } = wordIn(WORDS[part], part, word);
    const said = given.map((each, m) => (takes[m] === AMPHORA ? roleOf(each) : literal(each)));
    const code = `await ${part}.${word}(${said.join(', ')})`;
    if (servedBy === undefined) return [code];
    return [`const step${n + 1} = ${code}`, `await expect.servedBy(${roleOf(servedBy)}, step${n + 1})`];
  });
  const count = steps.length === 1 ? '1 step' : `${steps.length} steps`;
  return scenarioText({
    ...{ name, title: `clicked in a live lab: ${count}`, group: like?.group ?? 'load and machine' },
    ...{ story: 'Done by hand in a live lab, and saved from there.', model: like?.model },
    ...{ free: 'whatever it takes: it was done by hand, and nothing was predicted', lines },
  });
}
