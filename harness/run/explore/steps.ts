import fc from 'fast-check';
import { FAULTS } from '../../scenario/story/words.ts';
import type { Story } from '../../scenario/story.ts';
import { AMPHORA } from '../../vocabulary/argument.ts';
import type { Explored, Fault } from '../../vocabulary/fault.ts';

/** The amphora that holds the VIP when the story begins, and the other one. */
export const ROLES = ['master', 'backup'] as const;
export type Role = (typeof ROLES)[number];

/** The defects of an amphora, or of the network between the two. */
type Ailments = ReadonlySet<string>;
/** The defects of the pair; `both` affects the two together. */
export type Condition = Readonly<Record<Role | 'both', Ailments>>;

export const WELL: Condition = { master: new Set(), backup: new Set(), both: new Set() };

/** A fault or a repair, in the words of the story. */
export interface Move {
  readonly word: string;
  /** Absent where the word takes no amphora. */
  readonly on?: Role;
}

/** What a step does to the condition. */
interface Effect extends Explored {
  readonly part: 'fault' | 'heal';
  readonly onOne: boolean;
}

/** What may be done to an amphora, and what to the pair, as the faults themselves say it. */
export function effectsOf(faults: Readonly<Record<string, Fault>>): ReadonlyMap<string, Effect> {
  return new Map(
    Object.values(faults).flatMap(({ name, takes, heal, explore }): [string, Effect][] => {
      if (!explore || !heal) return [];
      const effect = { ...explore, onOne: takes.includes(AMPHORA) };
      return [
        [name, { ...effect, part: 'fault' }],
        [heal.name, { ...effect, part: 'heal' }],
      ];
    }),
  );
}

const EFFECTS = effectsOf(FAULTS);

function effectOf({ word }: Move): Effect {
  const effect = EFFECTS.get(word);
  if (!effect) throw new Error(`Exploration has no ${word}.`);
  return effect;
}

/** The condition after a step; undefined where the step makes no sense, such as to start what runs. */
export function after(before: Condition, step: Move): Condition | undefined {
  const { part, ailment, unless = [] } = effectOf(step);
  const where = step.on ?? 'both';
  const ailments = before[where];
  if (unless.some((other) => ailments.has(other)) || ailments.has(ailment) === (part === 'fault'))
    return undefined;
  const now = new Set(ailments);
  if (part === 'fault') now.add(ailment);
  else now.delete(ailment);
  return { ...before, [where]: now };
}

/** The steps that make sense one after the other, each with the condition that it leads to. */
export function sensible(steps: readonly Move[]): readonly { step: Move; condition: Condition }[] {
  let condition = WELL;
  return steps.flatMap((step) => {
    const next = after(condition, step);
    if (!next) return [];
    condition = next;
    return [{ step, condition }];
  });
}

/** The repairs that make the pair healthy again. */
export function repairs(condition: Condition): readonly Move[] {
  const heals = everyMove()
    .filter((step) => effectOf(step).part === 'heal')
    .filter((step) => condition[step.on ?? 'both'].has(effectOf(step).ailment));
  // What keeps others from being repaired comes first.
  const hinders = (step: Move) =>
    heals.some((other) => effectOf(other).unless?.includes(effectOf(step).ailment));
  return heals.toSorted((one, other) => Number(hinders(other)) - Number(hinders(one)));
}

/** The amphorae that can serve. */
export function whole(condition: Condition): readonly Role[] {
  return ROLES.filter((role) => condition[role].size === 0);
}

/** Whether the intact amphorae hear each other. */
export function hearing(condition: Condition): boolean {
  return condition.both.size === 0;
}

/** Every step that makes sense for a healthy pair. */
export function singles(): readonly Move[] {
  return everyMove().filter((step) => after(WELL, step) !== undefined);
}

function everyMove(): readonly Move[] {
  return [...EFFECTS].flatMap(([word, { onOne }]) =>
    onOne ? ROLES.map((on) => ({ word, on })) : [{ word }],
  );
}

/** Any step. */
export const anyMove: fc.Arbitrary<Move> = fc.constantFrom(...everyMove());

/** Does a step. */
export async function take(story: Story, step: Move): Promise<void> {
  const { part, given = [] } = effectOf(step);
  const words = story[part] as unknown as Readonly<Record<string, (...given: unknown[]) => Promise<unknown>>>;
  await words[step.word]?.(...given, ...(step.on ? [story[step.on]] : []));
}

/** The step as a scenario's file has it. */
export function asCode(step: Move): string {
  const { part, given = [] } = effectOf(step);
  return `${part}.${step.word}(${[...given.map((each) => `'${each}'`), ...(step.on ? [step.on] : [])].join(', ')})`;
}
