import type { Fabric } from '../fabric/fabric.ts';
import type { LabAmphora } from '../lab/lab.ts';
import type { LabObservation } from '../observe/observation.ts';
import { struck } from './fault.ts';

/** The switch's port towards an amphora goes down: the amphora loses its carrier. */
export async function cutPort(fabric: Fabric, { instance }: LabAmphora): Promise<LabObservation> {
  const steps = await fabric.run({ argv: ['ip', '-n', 'switch', 'link', 'set', instance.name, 'down'] });
  return struck('fault', 'port cut', instance.name, 'switch port down', steps);
}

/** The amphora's own interface on the VIP's network is taken down. */
export async function interfaceDown(
  fabric: Fabric,
  { instance, vrrp_interface }: LabAmphora,
): Promise<LabObservation> {
  const steps = await fabric.run({
    argv: [
      ...['nsenter', `--net=/proc/${instance.pid}/root/run/netns/amphora-haproxy`],
      ...['ip', 'link', 'set', vrrp_interface, 'down'],
    ],
  });
  return struck('fault', 'interface down', instance.name, `${vrrp_interface} down`, steps);
}
