import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { STRANGER } from '../lab/addresses.ts';
import { struck } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

/**
 * A router believes no second announcement within a second of an earlier one (neigh/default/locktime in the
 * kernel's Documentation/networking/ip-sysctl.rst): so long the stranger repeats its own.
 */
const ANNOUNCEMENTS = { count: 15, gapMs: 100 } as const;
const { name: NODE, mac: MAC } = STRANGER;

/** A gratuitous ARP (RFC 5227, section 3) in trafgen's language. */
const announcement = (vip: string) =>
  `eth(saddr=${MAC}, daddr=ff:ff:ff:ff:ff:ff), arp(op=request, smac=${MAC}, sip=${vip}, tmac=00:00:00:00:00:00, tip=${vip})`;

/** An unsolicited neighbour advertisement with the override flag and its MAC (RFC 4861, sections 4.4 and 7.2.6). */
function advertisement(vip: string): string {
  const bytes = [
    ...ipaddr.parse(vip).toByteArray(),
    2,
    1,
    ...MAC.split(':').map((byte) => Number.parseInt(byte, 16)),
  ];
  return [
    `eth(saddr=${MAC}, daddr=33:33:00:00:00:01), ipv6(saddr=${vip}, daddr=ff02::1, hoplimit=255)`,
    `icmp6(type=136, code=0), 0x20, 0x00, 0x00, 0x00, ${bytes.join(', ')}`,
  ].join(', ');
}

const releaseVip = heal({
  name: 'releaseVip',
  takes: [],
  says: () => "the host that claimed the VIP leaves the VIP's network",
  async act(hand) {
    const steps = await hand.run(
      { argv: ['ip', '-n', 'switch', 'link', 'delete', NODE] },
      { argv: ['ip', 'netns', 'delete', NODE] },
    );
    return struck('heal', 'address released', NODE, 'the stranger is gone', steps);
  },
});

const claimVip = fault({
  name: 'claimVip',
  takes: [],
  says: () => "a host that is no amphora joins the VIP's network and claims the VIP",
  async act({ lab: { fabric, vip }, instant }) {
    await instant();
    const inside = ['ip', 'netns', 'exec', NODE];
    await fabric.run(
      { argv: ['ip', 'netns', 'add', NODE] },
      {
        argv: ['ip', '-n', 'switch', '-batch', '-'],
        stdin: `link add ${NODE} type veth peer name eth0 address ${MAC} netns ${NODE}\nlink set ${NODE} master br0 up\n`,
      },
      {
        argv: ['ip', '-n', NODE, '-batch', '-'],
        stdin: `link set lo up\nlink set eth0 up\naddress add ${isIPv6(vip) ? `${vip}/64 nodad` : `${vip}/24`} dev eth0\n`,
      },
    );
    const { count, gapMs } = ANNOUNCEMENTS;
    const steps = await fabric.run({
      argv: [
        ...[...inside, 'trafgen', '--dev', 'eth0', '--cpus', '1', '--no-sock-mem', '--qdisc-path'],
        ...['--num', String(count), '--gap', `${gapMs}ms`, '--conf', '-'],
      ],
      stdin: `{ ${isIPv6(vip) ? advertisement(vip) : announcement(vip)} }\n`,
    });
    return struck('fault', 'address claimed', NODE, `${vip}, announced ${count} times`, steps);
  },
  heal: releaseVip,
});
export default claimVip;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** A host with a duplicate address: it announces the address, and refuses connections. */
    readonly claimVip: typeof claimVip;
  }
}
