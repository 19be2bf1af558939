import type { StepResult } from '../fabric/protocol.ts';
import type { Deed, LabObservation } from '../observe/observation.ts';

/**
 * The entry of a fault, or of its healing, in the history of a run: from the instant before its first step to
 * the instant after it.
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

/** The same for what is done from outside the lab, by the engine or by an agent: good to a millisecond. */
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

/** Marks a fault that stalls its node: timers there are late on purpose, and say nothing about the machine. */
export async function stalled(entry: Promise<LabObservation>): Promise<LabObservation> {
  return { ...(await entry), stalls: true };
}

/** The kernel or the engine here cannot do what the scenario needs: it is skipped, with this reason. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}
