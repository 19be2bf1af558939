import { MEMBER } from '../vocabulary/argument.ts';
import { type Hand, struck } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

const port = (hand: Hand, member: string, state: 'up' | 'down') =>
  hand.run(hand.lab.switchPort(member, state));

const raiseMember = heal({
  name: 'raiseMember',
  takes: [MEMBER],
  says: (member) => `the switch port of ${member} comes up again`,
  act: async (hand, member) =>
    struck('heal', 'member back', member, 'switch port up', await port(hand, member, 'up')),
});

const loseMember = fault({
  name: 'loseMember',
  takes: [MEMBER],
  says: (member) => `the switch port of ${member} goes down: it answers nothing`,
  act: async (hand, member) =>
    struck('fault', 'member lost', member, 'switch port down', await port(hand, member, 'down')),
  heal: raiseMember,
});
export default loseMember;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** As a dead machine: it answers nothing. */
    readonly loseMember: typeof loseMember;
  }
}
