import fc from 'fast-check';
import type { Story } from '../scenario/story.ts';

/** The amphora that holds the VIP when the story begins, and the other one. */
export const ROLES = ['master', 'backup'] as const;
export type Role = (typeof ROLES)[number];

/** What is the matter with an amphora. */
export type Ailment = 'keepalived stopped' | 'HAProxy stopped' | 'port cut' | 'frozen';

/** What is the matter with the pair. */
export interface Condition {
  readonly master: ReadonlySet<Ailment>;
  readonly backup: ReadonlySet<Ailment>;
  /** Advertisements are lost: each takes itself for the only one. */
  readonly deaf: boolean;
}

export const WELL: Condition = { master: new Set(), backup: new Set(), deaf: false };

/** A fault or a repair, in the words of the story. */
export type Step =
  | { readonly word: keyof typeof ON_ONE; readonly on: Role }
  | { readonly word: keyof typeof ON_BOTH };

interface Effect {
  /** Where the word stands: `fault.stopKeepalived`, `heal.startKeepalived`. */
  readonly part: 'fault' | 'heal';
  /** The service that the word is about. */
  readonly of?: 'haproxy';
  readonly ailment?: Ailment;
  /** What must not be the matter before; an agent in a frozen amphora answers nobody. */
  readonly unless?: readonly Ailment[];
}

/**
 * The words for one amphora. Two are not among them whose harm is known: a keepalived that is killed leaves the VIP
 * behind (keepalived-kill), a HAProxy that the agent stops is no longer checked (haproxy-stop-by-agent).
 */
const ON_ONE = {
  stopKeepalived: { part: 'fault', ailment: 'keepalived stopped', unless: ['frozen'] },
  startKeepalived: { part: 'heal', ailment: 'keepalived stopped', unless: ['frozen'] },
  stopService: { part: 'fault', of: 'haproxy', ailment: 'HAProxy stopped', unless: ['frozen'] },
  startService: { part: 'heal', of: 'haproxy', ailment: 'HAProxy stopped', unless: ['frozen'] },
  cutPort: { part: 'fault', ailment: 'port cut' },
  raisePort: { part: 'heal', ailment: 'port cut' },
  freeze: { part: 'fault', ailment: 'frozen' },
  thaw: { part: 'heal', ailment: 'frozen' },
} as const satisfies Readonly<Record<string, Effect>>;

const ON_BOTH = {
  loseAdvertisements: { part: 'fault' },
  loseNothing: { part: 'heal' },
} as const satisfies Readonly<Record<string, Effect>>;

/** The condition after a step; undefined where the step makes no sense, such as to start what runs. */
export function after(before: Condition, step: Step): Condition | undefined {
  if (!('on' in step)) {
    const deaf = ON_BOTH[step.word].part === 'fault';
    return before.deaf === deaf ? undefined : { ...before, deaf };
  }
  const { part, ailment, unless = [] }: Effect = ON_ONE[step.word];
  const ailments = before[step.on];
  if (!ailment || unless.some((other) => ailments.has(other))) return undefined;
  if (ailments.has(ailment) === (part === 'fault')) return undefined;
  const now = new Set(ailments);
  if (part === 'fault') now.add(ailment);
  else now.delete(ailment);
  return { ...before, [step.on]: now };
}

/** The steps that make sense one after the other, each with the condition that it leads to. */
export function sensible(steps: readonly Step[]): readonly { step: Step; condition: Condition }[] {
  let condition = WELL;
  return steps.flatMap((step) => {
    const next = after(condition, step);
    if (!next) return [];
    condition = next;
    return [{ step, condition }];
  });
}

/** What makes the pair well again. */
export function repairs(condition: Condition): readonly Step[] {
  const words = Object.entries(ON_ONE as Readonly<Record<string, Effect>>).filter(
    ([, { part }]) => part === 'heal',
  );
  const on = (role: Role): Step[] =>
    // Thawed first: nothing else can be done to a frozen one.
    words
      .toSorted(([, one], [, other]) => Number(other.ailment === 'frozen') - Number(one.ailment === 'frozen'))
      .filter(([, { ailment }]) => ailment && condition[role].has(ailment))
      .map(([word]) => ({ word: word as keyof typeof ON_ONE, on: role }));
  return [...ROLES.flatMap(on), ...(condition.deaf ? [{ word: 'loseNothing' } as const] : [])];
}

/** Who can serve. */
export function whole(condition: Condition): readonly Role[] {
  return ROLES.filter((role) => condition[role].size === 0);
}

/** Every step that makes sense for a pair that is well. */
export function singles(): readonly Step[] {
  const onOne = Object.keys(ON_ONE) as (keyof typeof ON_ONE)[];
  const onBoth = Object.keys(ON_BOTH) as (keyof typeof ON_BOTH)[];
  const all: Step[] = [
    ...onOne.flatMap((word) => ROLES.map((on) => ({ word, on }))),
    ...onBoth.map((word) => ({ word })),
  ];
  return all.filter((step) => after(WELL, step) !== undefined);
}

/** Any step. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ word: wordsOf(ON_ONE), on: fc.constantFrom(...ROLES) }) },
  { weight: 1, arbitrary: fc.record({ word: wordsOf(ON_BOTH) }) },
);

function wordsOf<T extends Readonly<Record<string, Effect>>>(words: T): fc.Arbitrary<keyof T & string> {
  return fc.constantFrom(...(Object.keys(words) as (keyof T & string)[]));
}

/** Does a step. */
export async function take(story: Story, step: Step): Promise<void> {
  if ('on' in step) {
    const amphora = story[step.on];
    const { part, of }: Effect = ON_ONE[step.word];
    const words = part === 'fault' ? story.fault : story.heal;
    const act = words[step.word as keyof typeof words] as (...of: unknown[]) => Promise<unknown>;
    await act(...(of ? [of] : []), amphora);
  } else if (step.word === 'loseAdvertisements') await story.fault.loseAdvertisements();
  else await story.heal.loseNothing();
}

/** The step as a scenario's file has it. */
export function spoken(step: Step): string {
  const { part, of }: Effect = 'on' in step ? ON_ONE[step.word] : ON_BOTH[step.word];
  const about = [...(of ? [`'${of}'`] : []), ...('on' in step ? [step.on] : [])];
  return `${part}.${step.word}(${about.join(', ')})`;
}
