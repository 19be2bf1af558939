import type { StepRunner } from '../fabric/fabric.ts';
import type { LabAmphora } from '../lab/lab.ts';
import type { LabObservation } from '../observe/observation.ts';
import { struck } from './fault.ts';

/**
 * Power loss: the switch port is cut first, then the amphora's process 1 is killed. Killed alone, its kernel
 * would answer its peers with resets while its processes die, as no machine without power does.
 */
export async function powerOff(fabric: StepRunner, { instance }: LabAmphora): Promise<LabObservation> {
  const steps = await fabric.run(
    { argv: ['ip', '-n', 'switch', '-batch', '-'], stdin: `link set ${instance.name} down\n` },
    { signal: 'SIGKILL', pid: instance.pid },
  );
  const entry = struck(
    'fault',
    'power loss',
    instance.name,
    'switch port cut, then SIGKILL to process 1',
    steps,
  );
  return { ...entry, atOnce: true };
}

/** The appliance dies while its wire lives: for a moment its kernel still answers, with resets. */
export async function killInstance(fabric: StepRunner, { instance }: LabAmphora): Promise<LabObservation> {
  const { pid } = instance;
  const steps = await fabric.run({ signal: 'SIGKILL', pid }, { ended: pid });
  const entry = struck('fault', 'instance killed', instance.name, 'SIGKILL to process 1', steps);
  // The last of its processes may still advertise while they are killed.
  return { ...entry, ...(steps[1] && { doneNs: steps[1].doneNs }) };
}
