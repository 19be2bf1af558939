import { AMPHORA } from '../vocabulary/argument.ts';
import { struck } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

const raisePort = heal({
  name: 'raisePort',
  takes: [AMPHORA],
  says: (amphora) => `the switch port of ${amphora} comes up again`,
  async act(hand, { instance: { name } }) {
    return struck(
      'heal',
      'port raised',
      name,
      'switch port up',
      await hand.run(hand.lab.switchPort(name, 'up')),
    );
  },
});

const cutPort = fault({
  name: 'cutPort',
  takes: [AMPHORA],
  says: (amphora) => `the switch port of ${amphora} goes down`,
  async act(hand, { instance: { name } }) {
    const steps = await hand.run(hand.lab.switchPort(name, 'down'));
    return { ...struck('fault', 'port cut', name, 'switch port down', steps), atOnce: true };
  },
  heal: raisePort,
  explore: { ailment: 'port cut' },
});
export default cutPort;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** The amphora loses its carrier. */
    readonly cutPort: typeof cutPort;
  }
}
