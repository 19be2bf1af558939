import type { Fabric } from '../fabric/fabric.ts';
import type { LabObservation } from '../observe/observation.ts';
import { struck } from './fault.ts';

const NODE = 'stranger';

/**
 * A host that is no amphora joins the VIP's network with the VIP as its address, as one that was given a used
 * address by mistake. Its kernel announces the address when the link comes up (arp_notify in the kernel's
 * Documentation/networking/ip-sysctl.rst), and refuses connections: nothing listens there.
 */
export async function claimAddress(fabric: Fabric, address: string): Promise<LabObservation> {
  const inside = ['ip', 'netns', 'exec', NODE];
  await fabric.run(
    { argv: ['ip', 'netns', 'add', NODE] },
    {
      argv: ['ip', '-n', 'switch', '-batch', '-'],
      stdin: `link add ${NODE} type veth peer name eth0 netns ${NODE}\nlink set ${NODE} master br0 up\n`,
    },
    { argv: [...inside, 'sysctl', '-qw', 'net.ipv4.conf.all.arp_notify=1'] },
    { argv: [...inside, 'ip', 'address', 'add', `${address}/24`, 'dev', 'eth0'] },
    { argv: [...inside, 'ip', 'link', 'set', 'lo', 'up'] },
  );
  const steps = await fabric.run({ argv: [...inside, 'ip', 'link', 'set', 'eth0', 'up'] });
  return struck('fault', 'address claimed', NODE, `${address}, announced when its link came up`, steps);
}
