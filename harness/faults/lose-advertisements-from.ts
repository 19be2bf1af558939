import { AMPHORA } from '../vocabulary/argument.ts';
import { fault } from '../vocabulary/fault.ts';
import { loseNothing } from './lose-advertisements.ts';
import { drop } from './shared/dropped-frames.ts';

const loseAdvertisementsFrom = fault({
  name: 'loseAdvertisementsFrom',
  takes: [AMPHORA],
  says: (amphora) => `the switch drops the advertisements of ${amphora}`,
  act: (hand, from) => drop(hand, { kind: 'advertisements', from }),
  heal: loseNothing,
});
export default loseAdvertisementsFrom;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** It hears the other one, and is not heard. */
    readonly loseAdvertisementsFrom: typeof loseAdvertisementsFrom;
  }
}
