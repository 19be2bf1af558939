import { AMPHORA } from '../vocabulary/argument.ts';
import { struck } from '../vocabulary/deed.ts';
import { fault } from '../vocabulary/fault.ts';
import { boot } from './power-off.ts';

const killInstance = fault({
  name: 'killInstance',
  takes: [AMPHORA],
  says: (amphora) => `process 1 of ${amphora} is killed, while its switch port stays up`,
  async act(hand, { instance: { name, pid } }) {
    const steps = await hand.run({ signal: 'SIGKILL', pid }, { ended: pid });
    const entry = struck('fault', 'instance killed', name, 'SIGKILL to process 1', steps);
    // The last of its processes may still advertise while they are killed.
    return { ...entry, ...(steps[1] && { doneNs: steps[1].doneNs }) };
  },
  heal: boot,
});
export default killInstance;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** The amphora dies while its switch port stays up: for a moment its kernel still answers, with resets. */
    readonly killInstance: typeof killInstance;
  }
}
