import { AMPHORA } from '../vocabulary/argument.ts';
import { fault } from '../vocabulary/fault.ts';
import { loseNothing } from './lose-advertisements.ts';
import { drop } from './shared/dropped-frames.ts';

const loseAnnouncementsOf = fault({
  name: 'loseAnnouncementsOf',
  takes: [AMPHORA],
  says: (amphora) => `the switch drops every announcement of the VIP by ${amphora}`,
  act: (hand, from) => drop(hand, { kind: 'announcements', from, address: hand.lab.vip }),
  heal: loseNothing,
});
export default loseAnnouncementsOf;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** Gratuitous ARP, or unsolicited neighbour advertisements of an IPv6 VIP. */
    readonly loseAnnouncementsOf: typeof loseAnnouncementsOf;
  }
}
