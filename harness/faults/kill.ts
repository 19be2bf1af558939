import { AMPHORA, PROCESS } from '../vocabulary/argument.ts';
import { struck } from '../vocabulary/deed.ts';
import { fault } from '../vocabulary/fault.ts';
import { signalling } from './hang.ts';
import { startService } from './stop-service.ts';

// Not used by exploration, as the effect is known: a killed keepalived leaves the VIP behind (keepalived-kill).
const kill = fault({
  name: 'kill',
  takes: [PROCESS, AMPHORA],
  says: (process, amphora) => `${process} on ${amphora} is killed`,
  async act(hand, process, amphora) {
    // Stopped first: else one that sees the other die would still act on it (keepalived's VRRP process says farewell
    // when its parent dies).
    const steps = await hand.run(
      ...['STOP', 'KILL'].map((signal) => signalling(hand, amphora, process, signal)),
    );
    return struck('fault', `${process} gets SIGKILL`, amphora.instance.name, 'all its processes', steps);
  },
  heal: startService,
});
export default kill;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** SIGKILL to all its processes. */
    readonly kill: typeof kill;
  }
}
