import { join } from 'node:path';
import type { LabNode } from '../../lab/lab.ts';
import { AMPHORA } from '../../vocabulary/argument.ts';
import type { AnyAct } from '../../vocabulary/deed.ts';
import { type Fault, type FaultWords, faultsIn, type Heal, healsOf } from '../../vocabulary/fault.ts';
import { PARTS, type Part, refuse, type Word, wordIn } from '../../vocabulary/word.ts';
import { handOf, recorded, type World } from '../world/world.ts';
import { CHANGES } from './changes.ts';
import { PAIR } from './expectations/pair.ts';
import { SERVICE } from './expectations/service.ts';
import { SESSIONS } from './expectations/sessions.ts';
import { TRAFFIC } from './traffic.ts';

/** What scenarios can say: faults and their repairs as harness/faults/ has them. */
export const FAULTS = await faultsIn(join(import.meta.dirname, '../../faults'));
const EXPECTATIONS = { ...PAIR, ...SERVICE, ...SESSIONS };

type Deed = Word & { readonly act: AnyAct };
type Act = Word & { act(world: World, ...given: never[]): Promise<unknown> };

/** Every word of a story, by its part. */
export interface Words {
  readonly traffic: Readonly<Record<string, Act & { told(...given: never[]): unknown }>>;
  readonly fault: Readonly<Record<string, Fault>>;
  readonly heal: Readonly<Record<string, Heal>>;
  readonly change: Readonly<Record<string, Deed>>;
  readonly expect: Readonly<Record<string, Act>>;
}

export function wordsWith(faults: Readonly<Record<string, Fault>>): Words {
  return { traffic: TRAFFIC, fault: faults, heal: healsOf(faults), change: CHANGES, expect: EXPECTATIONS };
}
export const WORDS = wordsWith(FAULTS);

type Said<W> = W extends { act: (by: never, ...given: infer Given) => infer Done }
  ? (...given: Given) => Done
  : never;
type AllSaid<Table> = { readonly [Name in keyof Table]: Said<Table[Name]> };
type Repairs = FaultWords[keyof FaultWords] extends infer F
  ? F extends { heal: infer H extends Heal }
    ? H
    : never
  : never;

/** The words as a scenario says them. */
export interface Vocabulary {
  /** What clients do beside the probers. */
  readonly traffic: AllSaid<typeof TRAFFIC>;
  /** Each strikes at the run's phase after an advertisement of the master, and gives its instants. */
  readonly fault: AllSaid<FaultWords>;
  /** Each undoes a fault, at once. */
  readonly heal: { readonly [Repair in Repairs as Repair['name']]: Said<Repair> };
  /** What an operator does to a pair that is well. */
  readonly change: AllSaid<typeof CHANGES>;
  /** Each waits for what it names, and becomes a check of the run. */
  readonly expect: AllSaid<typeof EXPECTATIONS>;
}

/** Gives a scenario its words, each of which is said by `say`. */
export function vocabulary(
  say: (part: Part, name: string, given: readonly unknown[]) => Promise<unknown>,
): Vocabulary {
  const wordsOf = (part: Part) =>
    new Proxy(
      {},
      {
        get:
          (_, name) =>
          (...given: readonly unknown[]) =>
            say(part, String(name), given),
      },
    );
  return Object.fromEntries(PARTS.map((part) => [part, wordsOf(part)])) as unknown as Vocabulary;
}

/**
 * Says a word in a world.
 *
 * @throws WrongWord
 */
export async function said(
  world: World,
  part: Part,
  name: string,
  given: readonly unknown[],
): Promise<unknown> {
  refuse(part, name, wordIn<Word>(WORDS[part], part, name), given);
  // One that has booted since has another process 1.
  const now = given.map((each) =>
    AMPHORA.fits(each) ? world.lab.current(each as LabNode) : each,
  ) as never[];
  if (part === 'traffic' || part === 'expect') return WORDS[part][name]?.act(world, ...now);
  return recorded(world, async () => {
    const { act } = wordIn<Deed>(WORDS[part], part, name);
    return act(handOf(world, part), ...now);
  });
}
