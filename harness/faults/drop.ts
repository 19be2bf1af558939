import type { Fabric } from '../fabric/fabric.ts';
import type { LabAmphora } from '../lab/lab.ts';
import type { LabObservation } from '../observe/observation.ts';
import { struck } from './fault.ts';

/** What the switch can lose: advertisements between amphorae, or an amphora's announcements of an address. */
export type Dropped =
  | { readonly kind: 'advertisements' }
  | { readonly kind: 'gratuitous ARP'; readonly from: LabAmphora; readonly address: string };

/** The switch drops frames of a kind from now on; it still captures them where they come in. */
export async function drop(fabric: Fabric, dropped: Dropped): Promise<LabObservation> {
  const steps = await fabric.run({ argv: [...NFT, '-f', '-'], stdin: dropRuleset(dropped) });
  return struck('fault', `${dropped.kind} lost`, 'switch', 'dropped by the switch', steps);
}

/** The switch forwards everything again. */
export async function dropNothing(fabric: Fabric): Promise<LabObservation> {
  const steps = await fabric.run({ argv: [...NFT, 'delete', 'table', 'bridge', 'faults'] });
  return struck('heal', 'nothing lost', 'switch', 'forwarded again', steps);
}

const NFT = ['ip', 'netns', 'exec', 'switch', 'nft'];

/** The rule set in nft's language. */
export function dropRuleset(dropped: Dropped): string {
  const rule =
    dropped.kind === 'advertisements'
      ? 'iifname "amphora-*" meta l4proto 112 drop'
      : `iifname "${dropped.from.instance.name}" arp saddr ip ${dropped.address} arp daddr ip ${dropped.address} drop`;
  return [
    'table bridge faults {',
    '  chain forward {',
    '    type filter hook forward priority -10; policy accept;',
    `    ${rule}`,
    '  }',
    '}',
    '',
  ].join('\n');
}
