import { AMPHORA, units } from '../vocabulary/argument.ts';
import { struck } from '../vocabulary/deed.ts';
import { fault } from '../vocabulary/fault.ts';

const flapPort = fault({
  name: 'flapPort',
  takes: [AMPHORA, units('times')],
  says: (amphora, { times }) =>
    `the switch port of ${amphora} goes down and up again, ${times} times in a row`,
  async act(hand, { instance: { name } }, { times }) {
    const once = [hand.lab.switchPort(name, 'down'), hand.lab.switchPort(name, 'up')];
    const steps = await hand.run(...Array.from({ length: times }, () => once).flat());
    const last = steps.at(-1);
    const entry = struck('fault', 'port flaps', name, `down and up, ${times} times`, steps);
    return { ...entry, ...(last && { doneNs: last.doneNs }) };
  },
  heal: undefined,
});
export default flapPort;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** As fast as the switch allows: tens of milliseconds. */
    readonly flapPort: typeof flapPort;
  }
}
