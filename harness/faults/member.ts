import type { StepRunner } from '../fabric/fabric.ts';
import type { LabObservation } from '../observe/observation.ts';
import { struck } from './fault.ts';

/** A member's port in the switch goes down: it answers nothing, as a dead machine. */
export async function loseMember(fabric: StepRunner, member: string): Promise<LabObservation> {
  const steps = await fabric.run({ argv: ['ip', '-n', 'switch', 'link', 'set', member, 'down'] });
  return struck('fault', 'member lost', member, 'switch port down', steps);
}
