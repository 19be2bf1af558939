import type { Fabric } from '../fabric/fabric.ts';
import type { LabAmphora } from '../lab/lab.ts';
import type { LabObservation } from '../observe/observation.ts';

/**
 * Power loss: the switch port is cut first, then the amphora's process 1 is killed. Killed alone, its kernel
 * would answer its peers with resets while its processes die, as no machine without power does.
 */
export async function powerOff(fabric: Fabric, { instance }: LabAmphora): Promise<LabObservation> {
  const [cut] = await fabric.run(
    { argv: ['ip', '-n', 'switch', 'link', 'set', instance.name, 'down'] },
    { signal: 'SIGKILL', pid: instance.pid },
  );
  if (!cut) throw new Error(`The port of ${instance.name} was not cut.`);
  return {
    kind: 'lab',
    what: 'fault',
    name: 'power loss',
    node: instance.name,
    atNs: cut.startedNs,
    doneNs: cut.doneNs,
    detail: 'switch port cut, then SIGKILL to process 1',
  };
}
