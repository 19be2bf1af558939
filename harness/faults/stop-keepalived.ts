import { AMPHORA } from '../vocabulary/argument.ts';
import { done } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

const startKeepalived = heal({
  name: 'startKeepalived',
  takes: [AMPHORA],
  says: (amphora) => `the agent of ${amphora} starts keepalived`,
  act: ({ lab }, amphora) =>
    done('heal', 'keepalived started', amphora.instance.name, lab.operated, () =>
      lab.operate(amphora, 'keepalived', 'start'),
    ),
});

const stopKeepalived = fault({
  name: 'stopKeepalived',
  takes: [AMPHORA],
  says: (amphora) => `the agent of ${amphora} stops keepalived`,
  async act({ lab, instant }, amphora) {
    await instant();
    return done('fault', 'keepalived stopped', amphora.instance.name, lab.operated, () =>
      lab.operate(amphora, 'keepalived', 'stop'),
    );
  },
  heal: startKeepalived,
  explore: { ailment: 'keepalived stopped', unless: ['frozen'] },
});
export default stopKeepalived;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** keepalived sends an advertisement with priority 0. */
    readonly stopKeepalived: typeof stopKeepalived;
  }
}
