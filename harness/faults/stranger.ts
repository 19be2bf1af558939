import type { Fabric } from '../fabric/fabric.ts';
import type { LabObservation } from '../observe/observation.ts';
import { struck } from './fault.ts';

const NODE = 'stranger';

/** Locally administered, and no amphora's. */
export const STRANGER_MAC = 'fa:16:3e:00:03:01';
/**
 * A router believes no second announcement within a second of an earlier one (neigh/default/locktime in the
 * kernel's Documentation/networking/ip-sysctl.rst): so long the stranger repeats its own.
 */
const ANNOUNCEMENTS = { count: 15, gapMs: 100 } as const;

/**
 * A host that is no amphora joins the VIP's network with the VIP as its address, as one that was given a used
 * address by mistake. It announces the address, and refuses connections: nothing listens there.
 */
export async function claimAddress(fabric: Fabric, address: string): Promise<LabObservation> {
  const inside = ['ip', 'netns', 'exec', NODE];
  await fabric.run(
    { argv: ['ip', 'netns', 'add', NODE] },
    {
      argv: ['ip', '-n', 'switch', '-batch', '-'],
      stdin: `link add ${NODE} type veth peer name eth0 address ${STRANGER_MAC} netns ${NODE}\nlink set ${NODE} master br0 up\n`,
    },
    {
      argv: ['ip', '-n', NODE, '-batch', '-'],
      stdin: `link set lo up\nlink set eth0 up\naddress add ${address}/24 dev eth0\n`,
    },
  );
  const { count, gapMs } = ANNOUNCEMENTS;
  const steps = await fabric.run({
    argv: [
      ...[...inside, 'trafgen', '--dev', 'eth0', '--cpus', '1', '--no-sock-mem', '--qdisc-path'],
      ...['--num', String(count), '--gap', `${gapMs}ms`, '--conf', '-'],
    ],
    stdin: gratuitousArp(STRANGER_MAC, address),
  });
  return struck('fault', 'address claimed', NODE, `${address}, announced ${count} times`, steps);
}

/** RFC 5227, section 3, in trafgen's language. */
function gratuitousArp(mac: string, address: string): string {
  return `{ eth(saddr=${mac}, daddr=ff:ff:ff:ff:ff:ff), arp(op=request, smac=${mac}, sip=${address}, tmac=00:00:00:00:00:00, tip=${address}) }\n`;
}
