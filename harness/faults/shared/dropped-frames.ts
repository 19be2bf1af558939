import type { StepRunner } from '../../lab/fabric/fabric.ts';
import type { LabAmphora } from '../../lab/lab.ts';
import type { LabObservation } from '../../observations/observation.ts';
import { struck } from '../../vocabulary/deed.ts';

/** What the switch can lose between the amphorae, and of their announcements. */
export type Dropped =
  /** VRRP of one of them or of all; `percent` of it, at random, where that is given. */
  | { readonly kind: 'advertisements'; readonly from?: LabAmphora; readonly percent?: number }
  /** Gratuitous ARP, and unsolicited neighbour advertisements of an IPv6 address. */
  | { readonly kind: 'announcements'; readonly from: LabAmphora; readonly address: string }
  /** HAProxy's peers: TCP to and from their port. */
  | { readonly kind: 'peers'; readonly port: number }
  /** All frames from one amphora to the other. */
  | { readonly kind: 'all between amphorae' };

/** The switch drops frames of a kind from now on; it still captures them where they come in. */
export async function drop(fabric: StepRunner, dropped: Dropped): Promise<LabObservation> {
  const steps = await fabric.run({ argv: [...NFT, '-f', '-'], stdin: dropRuleset(dropped) });
  const share = 'percent' in dropped ? ` (${dropped.percent} %)` : '';
  const from = 'from' in dropped && dropped.from ? ` of ${dropped.from.instance.name}` : '';
  return struck('fault', `${dropped.kind}${from}${share} lost`, 'switch', 'dropped by the switch', steps);
}

/** The switch forwards everything again, even if it dropped nothing. */
export async function dropNothing(fabric: StepRunner): Promise<LabObservation> {
  const steps = await fabric.run({
    argv: [...NFT, '-f', '-'],
    stdin: 'table bridge faults\ndelete table bridge faults\n',
  });
  return struck('heal', 'nothing lost', 'switch', 'forwarded again', steps);
}

const NFT = ['ip', 'netns', 'exec', 'switch', 'nft'];

/** The rule set in nft's language; it replaces an earlier one. */
export function dropRuleset(dropped: Dropped): string {
  return [
    'table bridge faults',
    'delete table bridge faults',
    'table bridge faults {',
    '  chain forward {',
    '    type filter hook forward priority -10; policy accept;',
    ...rulesOf(dropped).map((rule) => `    ${rule} drop`),
    '  }',
    '}',
    '',
  ].join('\n');
}

function rulesOf(dropped: Dropped): string[] {
  switch (dropped.kind) {
    case 'advertisements': {
      const port = dropped.from?.instance.name ?? 'amphora-*';
      const chance = dropped.percent === undefined ? '' : ` numgen random mod 100 < ${dropped.percent}`;
      return [`iifname "${port}" meta l4proto 112${chance}`];
    }
    case 'announcements': {
      const port = dropped.from.instance.name;
      const { address } = dropped;
      return address.includes(':')
        ? [`iifname "${port}" icmpv6 type nd-neighbor-advert icmpv6 taddr ${address}`]
        : [`iifname "${port}" arp saddr ip ${address} arp daddr ip ${address}`];
    }
    case 'peers':
      return [`tcp dport ${dropped.port}`, `tcp sport ${dropped.port}`];
    case 'all between amphorae':
      return ['iifname "amphora-*" oifname "amphora-*"'];
  }
}
