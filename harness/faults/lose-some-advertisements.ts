import { bounded } from '../vocabulary/argument.ts';
import { fault } from '../vocabulary/fault.ts';
import { loseNothing } from './lose-advertisements.ts';
import { drop } from './shared/dropped-frames.ts';

const loseSomeAdvertisements = fault({
  name: 'loseSomeAdvertisements',
  takes: [bounded({ min: 0.01, max: 100 }, 'percent')],
  says: ({ percent }) => `the switch drops ${percent} % of the advertisements, at random`,
  act: (hand, { percent }) => drop(hand, { kind: 'advertisements', percent }),
  heal: loseNothing,
});
export default loseSomeAdvertisements;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    readonly loseSomeAdvertisements: typeof loseSomeAdvertisements;
  }
}
