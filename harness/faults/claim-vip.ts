import { isIPv6 } from 'node:net';
import { STRANGER } from '../lab/addresses.ts';
import { struck } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

/**
 * A router believes no second announcement within a second of an earlier one (neigh/default/locktime in the
 * kernel's Documentation/networking/ip-sysctl.rst): so long the stranger repeats its own.
 */
const ANNOUNCEMENTS = { count: 15, gapMs: 100 } as const;
const { name: NODE, mac: MAC } = STRANGER;

const inside = ['ip', 'netns', 'exec', NODE];

/** Gratuitous ARP (RFC 5227, section 3), in trafgen's language. */
const announced = (vip: string) => ({
  argv: [
    ...[...inside, 'trafgen', '--dev', 'eth0', '--cpus', '1', '--no-sock-mem', '--qdisc-path'],
    ...['--num', String(ANNOUNCEMENTS.count), '--gap', `${ANNOUNCEMENTS.gapMs}ms`, '--conf', '-'],
  ],
  stdin: `{ eth(saddr=${MAC}, daddr=ff:ff:ff:ff:ff:ff), arp(op=request, smac=${MAC}, sip=${vip}, tmac=00:00:00:00:00:00, tip=${vip}) }\n`,
});

/** Unsolicited neighbour advertisements: the kernel sends them when a MAC is set (ndisc_notify in ip-sysctl.rst). */
const advertised = () => ({
  argv: [...inside, 'sh', '-ec'].concat(
    `sysctl -qw net.ipv6.conf.eth0.ndisc_notify=1
    for n in $(seq ${ANNOUNCEMENTS.count}); do ip link set dev eth0 address ${MAC}; sleep ${ANNOUNCEMENTS.gapMs / 1000}; done`,
  ),
});

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
    await fabric.run(
      { argv: ['ip', 'netns', 'add', NODE] },
      {
        argv: ['ip', '-n', 'switch', '-batch', '-'],
        stdin: `link add ${NODE} type veth peer name eth0 address ${MAC} netns ${NODE}\nlink set ${NODE} master br0 up\n`,
      },
    );
    await fabric.run({
      argv: ['ip', '-n', NODE, '-batch', '-'],
      stdin: `link set lo up\nlink set eth0 up\naddress add ${vip}/${isIPv6(vip) ? '64 nodad' : '24'} dev eth0\n`,
    });
    const steps = await fabric.run(isIPv6(vip) ? advertised() : announced(vip));
    const { count } = ANNOUNCEMENTS;
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
