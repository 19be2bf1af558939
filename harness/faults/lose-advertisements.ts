import { fault, heal } from '../vocabulary/fault.ts';
import { drop, dropNothing } from './shared/dropped-frames.ts';

export const loseNothing = heal({
  name: 'loseNothing',
  takes: [],
  says: () => 'the switch forwards everything again',
  act: (hand) => dropNothing(hand),
});

const loseAdvertisements = fault({
  name: 'loseAdvertisements',
  takes: [],
  says: () => 'the switch drops every advertisement between the amphorae',
  act: (hand) => drop(hand, { kind: 'advertisements' }),
  heal: loseNothing,
  explore: { ailment: 'advertisements lost' },
});
export default loseAdvertisements;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** Each amphora hears no other. */
    readonly loseAdvertisements: typeof loseAdvertisements;
  }
}
