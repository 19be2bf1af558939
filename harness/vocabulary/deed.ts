import type { StepRunner } from '../lab/fabric/fabric.ts';
import type { StepResult } from '../lab/fabric/protocol.ts';
import type { Lab } from '../lab/lab.ts';
import type { Deed, LabObservation } from '../observations/observation.ts';
import type { Argument, GivenOf } from './argument.ts';

/** What a deed acts with. */
export interface Hand extends StepRunner {
  readonly lab: Lab;
  /** Resolves at the instant at which it is to act: for what the fabric does not do by itself with `run`. */
  instant(): Promise<void>;
  /** Notes a check of the run. @throws where it does not hold */
  check(name: string, outcome: { readonly holds: boolean; readonly detail: string }): Promise<void>;
}

/** A hand that acts at once, outside any run. */
export function handNow(lab: Lab): Hand {
  return {
    lab,
    run: (...steps) => lab.fabric.run(...steps),
    instant: async () => {},
    async check(name, { holds, detail }) {
      if (!holds) throw new Error(`${name}: ${detail}`);
    },
  };
}

/** Does something, and gives the instants before and after it. */
export type Act<Takes extends readonly Argument[]> = (
  hand: Hand,
  ...given: GivenOf<Takes>
) => Promise<LabObservation>;
/** Whatever it takes. */
export type AnyAct = (hand: Hand, ...given: never[]) => Promise<LabObservation>;

/**
 * The entry of something done in the history of a run: from the instant before its first step to the instant after it.
 */
export function struck(
  what: Deed,
  name: string,
  node: string,
  detail: string,
  [first]: readonly StepResult[],
): LabObservation {
  if (!first) throw new Error(`${name}: no step was taken.`);
  return { kind: 'lab', what, name, node, atNs: first.startedNs, doneNs: first.doneNs, detail };
}

/** The same for what is done from outside the fabric, by the engine or by an agent: good to a millisecond. */
export async function done(
  what: Deed,
  name: string,
  node: string,
  detail: string,
  act: () => Promise<unknown>,
): Promise<LabObservation> {
  const atNs = String(BigInt(Date.now()) * 1_000_000n);
  await act();
  return { kind: 'lab', what, name, node, atNs, doneNs: String(BigInt(Date.now()) * 1_000_000n), detail };
}

/** The kernel or the engine here cannot do what the scenario needs: it is skipped, with this reason. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}
