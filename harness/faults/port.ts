import type { StepRunner } from '../fabric/fabric.ts';
import { inVipNamespace } from '../lab/enter.ts';
import type { LabAmphora } from '../lab/lab.ts';
import type { LabObservation } from '../observe/observation.ts';
import { struck } from './fault.ts';

/** The switch's port towards an amphora goes down: the amphora loses its carrier. */
export async function cutPort(fabric: StepRunner, { instance }: LabAmphora): Promise<LabObservation> {
  const steps = await fabric.run(switchPort(instance.name, 'down'));
  return { ...struck('fault', 'port cut', instance.name, 'switch port down', steps), atOnce: true };
}

/** The switch's port comes up again. */
export async function raisePort(fabric: StepRunner, { instance }: LabAmphora): Promise<LabObservation> {
  const steps = await fabric.run(switchPort(instance.name, 'up'));
  return struck('heal', 'port raised', instance.name, 'switch port up', steps);
}

/** The switch's port goes down and up again so many times, as fast as the switch does it. */
export async function flapPort(
  fabric: StepRunner,
  { instance }: LabAmphora,
  times: number,
): Promise<LabObservation> {
  const once = [switchPort(instance.name, 'down'), switchPort(instance.name, 'up')];
  const steps = await fabric.run(...Array.from({ length: times }, () => once).flat());
  const last = steps.at(-1);
  const entry = struck('fault', 'port flaps', instance.name, `down and up, ${times} times`, steps);
  return { ...entry, ...(last && { doneNs: last.doneNs }) };
}

/** The amphora's own interface on the VIP's network is taken down. */
export async function interfaceDown(
  fabric: StepRunner,
  { instance, vrrp_interface }: LabAmphora,
): Promise<LabObservation> {
  const steps = await fabric.run({
    argv: inVipNamespace(instance, 'ip', '-batch', '-'),
    stdin: `link set ${vrrp_interface} down\n`,
  });
  const entry = struck('fault', 'interface down', instance.name, `${vrrp_interface} down`, steps);
  return { ...entry, atOnce: true };
}

function switchPort(name: string, state: 'up' | 'down') {
  // Read from its input, the command waits for a fault's instant: see Fabric.at.
  return { argv: ['ip', '-n', 'switch', '-batch', '-'], stdin: `link set ${name} ${state}\n` };
}
