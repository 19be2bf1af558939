import { setImmediate as turn } from 'node:timers/promises';
import type { LabNode } from '../lab/lab.ts';
import type { LabObservation } from '../observations/observation.ts';
import { UsageError } from '../usage-error.ts';
import { refuse, sentence, type Word, WrongWord, wordIn } from '../vocabulary/word.ts';
import { namedFile, placeIn } from './place.ts';
import type { Scenario } from './scenario.ts';
import { vocabulary, WORDS, type Words } from './story/words.ts';
import type { Story } from './story.ts';

/** Nothing takes any time when nobody does it. */
const LIMIT_MS = 5000;

/** An instant of a story that is only narrated, with its step. */
type ToldInstant = LabObservation & { readonly step: number };

/**
 * Has a scenario told to nobody: each word is written down instead of done, so that the explanation is the
 * scenario itself and cannot fall behind it.
 *
 * @param hear is called with each word and what it is given
 * @returns a sentence a step, in their order
 * @throws UsageError where it cannot be told so, with the line of the scenario
 */
export async function narrate(
  scenario: Scenario,
  words: Words = WORDS,
  hear: (word: Word, given: readonly unknown[]) => void = () => {},
): Promise<readonly string[]> {
  const steps: string[] = [];
  let lastDeed = 0;
  const deed = (step: number): ToldInstant => {
    lastDeed = Math.max(lastDeed, step);
    return { kind: 'lab', what: 'step', name: `step ${step}`, atNs: '0', step };
  };
  const amphora = (name: string) => ({ id: name, instance: { name } }) as unknown as LabNode;
  const story = {
    master: amphora('the master'),
    backup: amphora('the backup'),
    third: amphora('the third machine'),
    ...vocabulary(async (part, name, promised) => {
      const step = steps.push('');
      // One that goes around for ever lets the clock go on.
      await turn();
      const given = await Promise.all(promised);
      const word = wordIn<Word>(words[part], part, name);
      refuse(part, name, word, given);
      hear(word, given);
      const isCheck = part === 'expect';
      const from = given
        .map((each) => (each as Partial<ToldInstant> | undefined)?.step)
        .find(Number.isInteger);
      const counted = from === undefined || from === lastDeed ? '' : `, counted from step ${from}`;
      const text = sentence(word, given);
      steps[step - 1] = `${isCheck ? `Check: ${text}` : capitalised(text)}${counted}.`;
      if (part === 'traffic') return words.traffic[name]?.told(...(given as never[]));
      return isCheck ? { ...deed(from ?? lastDeed), step } : deed(step);
    }),
    mark: async (name: string) => deed(steps.push(`Mark the instant: ${name}.`)),
  };
  await endedInTime(scenario, scenario.run(story as unknown as Story));
  return steps;
}

/** What is wrong with the words of a story, with its line; what else may go wrong shows when it is run. */
export async function wrongWordIn(scenario: Scenario): Promise<string | undefined> {
  try {
    await narrate(scenario);
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.cause instanceof WrongWord ? error.message : undefined;
  }
}

async function endedInTime({ name, file }: Scenario, telling: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const limit = setTimeout(
    () =>
      late.reject(new Error(`the story does not end within ${LIMIT_MS / 1000} s, though nothing is done`)),
    LIMIT_MS,
  );
  try {
    await Promise.race([telling, late.promise]);
  } catch (cause) {
    const { message, stack } = cause instanceof Error ? cause : { message: String(cause), stack: undefined };
    const place = placeIn(stack, file) ?? (file ? namedFile(file) : name);
    throw new UsageError(`${place}: ${message.replace(/\.$/, '')}.`, { cause });
  } finally {
    clearTimeout(limit);
  }
}

/** Programs are written in lower case wherever they stand. */
function capitalised(text: string): string {
  return text.replace(/^(?!keepalived|systemd)./, (first) => first.toUpperCase());
}
