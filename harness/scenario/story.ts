import type { Lab, LabNode } from '../lab/lab.ts';
import type { LabObservation } from '../observations/observation.ts';
import { done } from '../vocabulary/deed.ts';
import { said, type Vocabulary, vocabulary } from './story/words.ts';
import { recorded, type World } from './world/world.ts';

/** The words of scenarios. */
export interface Story extends Vocabulary {
  readonly lab: Lab;
  /** Holds the VIP when the story begins. */
  readonly master: LabNode;
  /** The other one; the master itself in a SINGLE topology. */
  readonly backup: LabNode;
  /** Who takes over where both have failed; a pair has none. */
  readonly third: LabNode;
  /** Nothing is done: an instant to count from, while the pair is left alone. */
  mark(name: string): Promise<LabObservation>;
}

/** Begins a step of a story. */
export type Begin = <T>(
  words: string,
  act: (given: readonly unknown[]) => Promise<T>,
  given: readonly unknown[],
) => Promise<T>;

/** Gives a scenario its words, bound to a lab and its history. */
export function tell(world: World, begin: Begin): Story {
  const { lab, master, backup, others } = world;
  return {
    // Only stories that need three machines name it.
    ...{ lab, master, backup, third: others[0] ?? backup },
    ...vocabulary((part, name, given) =>
      begin(`${part}.${name}`, (settled) => said(world, part, name, settled), given),
    ),
    mark: (name) =>
      begin(
        'mark',
        () => recorded(world, () => done('mark', name, 'lab', 'the pair is left alone', async () => {})),
        [name],
      ),
  };
}
