import { AMPHORA, bounded } from '../vocabulary/argument.ts';
import { struck } from '../vocabulary/deed.ts';
import { fault } from '../vocabulary/fault.ts';

/**
 * How long the port is down, and up again. Longer altogether than priorities differ in their skew (RFC 3768, section
 * 6.1): else the one that flaps, which waits from its last return on, could be the first to take over again.
 */
const HELD = { argv: ['sleep', '0.05'] };

const flapPort = fault({
  name: 'flapPort',
  takes: [AMPHORA, bounded({ min: 1, max: 100, whole: true }, 'times')],
  says: (amphora, { times }) => `the switch port of ${amphora} goes down for 50 ms, ${times} times in a row`,
  async act(hand, { instance: { name } }, { times }) {
    const once = [hand.lab.switchPort(name, 'down'), HELD, hand.lab.switchPort(name, 'up'), HELD];
    const steps = await hand.run(...Array.from({ length: times }, () => once).flat());
    const last = steps.at(-2);
    const entry = struck('fault', 'port flaps', name, `down and up, ${times} times`, steps);
    return { ...entry, ...(last && { doneNs: last.doneNs }), passes: true };
  },
  heal: undefined,
});
export default flapPort;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** Down for 50 ms and up for 50 ms, n times. */
    readonly flapPort: typeof flapPort;
  }
}
