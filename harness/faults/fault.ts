import type { StepResult } from '../fabric/protocol.ts';
import type { LabObservation } from '../observe/observation.ts';

/**
 * The entry of a fault, or of its healing, in the history of a run: from the instant before its first step to
 * the instant after it.
 */
export function struck(
  what: 'fault' | 'heal',
  name: string,
  node: string,
  detail: string,
  [first]: readonly StepResult[],
): LabObservation {
  if (!first) throw new Error(`${name}: no step was taken.`);
  return { kind: 'lab', what, name, node, atNs: first.startedNs, doneNs: first.doneNs, detail };
}
