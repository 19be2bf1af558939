import { formOf, PARTS, type Part, sentence, type Word } from '../vocabulary/word.ts';
import type { Words } from './story/words.ts';

const HEADINGS: Readonly<Record<Part, string>> = {
  traffic: 'What clients do beside the probers',
  fault: 'Faults: each strikes at the run’s instant after an advertisement of the master',
  heal: 'Repairs: each acts at once',
  change: 'Changes: what an operator does to a pair that is well',
  expect: 'Expectations: each waits for what it names, and is a check of the run',
};

/** The words of a story for the reference: a table a part. */
export function wordTables(words: Words): readonly string[] {
  return PARTS.flatMap((part) => {
    const faults = part === 'fault';
    const rows = Object.entries<Word>(words[part])
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([name, word]) => {
        const fault = faults ? words.fault[name] : undefined;
        const healed = fault?.heal ? `\`heal.${fault.heal.name}\`` : 'over by itself';
        const cells = [
          `\`${formOf(part, name, word).replaceAll('|', '\\|')}\``,
          sentence(word),
          ...(fault ? [healed, fault.explore ? 'yes' : 'no'] : []),
        ];
        return `| ${cells.join(' | ')} |`;
      });
    const heads = ['word', 'what happens', ...(faults ? ['repair', 'explored'] : [])];
    if (part === 'expect') heads[1] = 'what must hold';
    return [
      `### ${HEADINGS[part]}`,
      '',
      `| ${heads.join(' | ')} |`,
      `|${' --- |'.repeat(heads.length)}`,
      ...rows,
      '',
    ];
  });
}
