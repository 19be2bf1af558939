import type { StepRunner } from '../../lab/fabric/fabric.ts';
import type { LabNode } from '../../lab/lab.ts';
import type { LabObservation } from '../../observations/observation.ts';
import { type Hand, struck } from '../../vocabulary/deed.ts';

/** What the switch can lose between the amphorae, and of their announcements. */
export type Dropped =
  /** VRRP of one of them or of all; `percent` of it, at random, where that is given. */
  | { readonly kind: 'advertisements'; readonly from?: LabNode; readonly percent?: number }
  /** Gratuitous ARP, and unsolicited neighbour advertisements of an IPv6 address. */
  | { readonly kind: 'announcements'; readonly from: LabNode; readonly address: string }
  /** HAProxy's peers: TCP to and from their port. */
  | { readonly kind: 'peers'; readonly port: number }
  /** All frames from one amphora to the other. */
  | { readonly kind: 'all between amphorae' };

/** The switch drops frames of a kind from now on; it still captures them where they come in. */
export async function drop(hand: Hand, dropped: Dropped): Promise<LabObservation> {
  const ports = hand.lab.nodes.flatMap((node) => hand.lab.portsOf(node));
  const steps = await hand.run({ argv: [...NFT, '-f', '-'], stdin: dropRuleset(dropped, ports) });
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

/**
 * The rule set in nft's language; it replaces an earlier one.
 *
 * @param ports of all machines in the switch
 */
export function dropRuleset(dropped: Dropped, ports: readonly string[]): string {
  return [
    'table bridge faults',
    'delete table bridge faults',
    'table bridge faults {',
    '  chain forward {',
    '    type filter hook forward priority -10; policy accept;',
    ...rulesOf(dropped, ports).map((rule) => `    ${rule} drop`),
    '  }',
    '}',
    '',
  ].join('\n');
}

/**
 * The steps that silence ports at one instant, and end that. Ports are cut one after the other: in between, a machine
 * would say on its second that it has lost the first.
 */
export function silenced(ports: readonly string[]): {
  readonly silent: { argv: string[]; stdin: string };
  readonly over: { argv: string[]; stdin: string };
} {
  const among = `{ ${ports.map((port) => `"${port}"`).join(', ')} }`;
  const step = (stdin: string) => ({ argv: [...NFT, '-f', '-'], stdin });
  const hook = 'type filter hook forward priority -10; policy accept;';
  return {
    silent: step(
      `table bridge silence {\n  chain forward {\n    ${hook}\n    iifname ${among} drop\n    oifname ${among} drop\n  }\n}\n`,
    ),
    over: step('delete table bridge silence\n'),
  };
}

/** The target of a neighbour advertisement (RFC 4861, section 4.4): nftables 1.0.6 has no word for it. */
const TARGET = '@th,64,128';

/** The 32 digits of an IPv6 address. */
function hexOf(address: string): string {
  const [left = [], right = []] = address
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups.map((group) => group.padStart(4, '0')).join('');
}

/** What is lost at random is counted in ten-thousandths. */
const SHARES = 10_000;

function rulesOf(dropped: Dropped, ports: readonly string[]): string[] {
  const among = `{ ${ports.map((port) => `"${port}"`).join(', ')} }`;
  switch (dropped.kind) {
    case 'advertisements': {
      const port = dropped.from ? `"${dropped.from.instance.name}"` : among;
      const lost = Math.round(((dropped.percent ?? 100) / 100) * SHARES);
      const chance = lost >= SHARES ? '' : ` numgen random mod ${SHARES} < ${lost}`;
      return [`iifname ${port} meta l4proto 112${chance}`];
    }
    case 'announcements': {
      const port = dropped.from.instance.name;
      const { address } = dropped;
      return address.includes(':')
        ? [`iifname "${port}" icmpv6 type nd-neighbor-advert ${TARGET} 0x${hexOf(address)}`]
        : [`iifname "${port}" arp saddr ip ${address} arp daddr ip ${address}`];
    }
    case 'peers':
      return [`tcp dport ${dropped.port}`, `tcp sport ${dropped.port}`];
    case 'all between amphorae':
      return [`iifname ${among} oifname ${among}`];
  }
}
