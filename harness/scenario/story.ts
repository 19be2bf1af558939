import { done } from '../faults/fault.ts';
import type { Lab, LabAmphora } from '../lab/lab.ts';
import type { LabObservation } from '../observe/observation.ts';
import { type Changes, changesOf } from './story/changes.ts';
import { type Expectations, expectationsOf } from './story/expectations.ts';
import { type Faults, faultsOf } from './story/faults.ts';
import { type Heals, healsOf } from './story/heals.ts';
import { type Traffic, trafficOf } from './story/traffic.ts';
import { recorded, type World } from './story/world.ts';

/** The words that scenarios are told in. */
export interface Story {
  readonly lab: Lab;
  /** Holds the VIP when the story begins. */
  readonly master: LabAmphora;
  /** The other one; the master itself in a SINGLE topology. */
  readonly backup: LabAmphora;
  readonly traffic: Traffic;
  readonly fault: Faults;
  readonly change: Changes;
  readonly heal: Heals;
  /** Nothing is done: an instant to count from, while the pair is left alone. */
  mark(name: string): Promise<LabObservation>;
  readonly expect: Expectations;
}

/** Gives a scenario its words, bound to a lab and its history. */
export function tell(world: World): Story {
  const { lab, master, backup } = world;
  return {
    lab,
    master,
    backup,
    traffic: trafficOf(world),
    fault: faultsOf(world),
    change: changesOf(world),
    heal: healsOf(world),
    mark: (name) =>
      recorded(world, () => done('mark', name, 'lab', 'the pair is left alone', async () => {})),
    expect: expectationsOf(world),
  };
}
