import { AMPHORA } from '../vocabulary/argument.ts';
import { done } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

const startHaproxy = heal({
  name: 'startHaproxy',
  needs: 'an agent',
  takes: [AMPHORA],
  says: (amphora) => `the agent of ${amphora} starts HAProxy`,
  act: ({ lab }, amphora) =>
    done('heal', 'HAProxy started', amphora.instance.name, lab.operated, () =>
      lab.operate(amphora, 'haproxy', 'start'),
    ),
});

// Not used by exploration, as the effect is known: the check script no longer asks a HAProxy that the agent stopped (haproxy-stop-by-agent).
const stopHaproxy = fault({
  name: 'stopHaproxy',
  needs: 'an agent',
  takes: [AMPHORA],
  says: (amphora) => `the agent of ${amphora} stops HAProxy`,
  async act({ lab, instant }, amphora) {
    await instant();
    return done('fault', 'HAProxy stopped', amphora.instance.name, lab.operated, () =>
      lab.operate(amphora, 'haproxy', 'stop'),
    );
  },
  heal: startHaproxy,
});
export default stopHaproxy;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** As an operator does it. */
    readonly stopHaproxy: typeof stopHaproxy;
  }
}
