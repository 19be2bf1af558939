import { fault } from '../vocabulary/fault.ts';
import { loseNothing } from './lose-advertisements.ts';
import { drop } from './shared/dropped-frames.ts';

const partition = fault({
  name: 'partition',
  takes: [],
  says: () => 'the switch drops everything between the amphorae',
  act: (hand) => drop(hand, { kind: 'all between amphorae' }),
  heal: loseNothing,
});
export default partition;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** Clients and members still reach both. */
    readonly partition: typeof partition;
  }
}
