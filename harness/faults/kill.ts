import { AMPHORA, PROCESS } from '../vocabulary/argument.ts';
import { struck } from '../vocabulary/deed.ts';
import { fault } from '../vocabulary/fault.ts';
import { signalling } from './hang.ts';
import { startService } from './stop-service.ts';

/** A child has a higher number than its parent. Its input says whom: on a command line, that would match the shell, too. */
const NEWEST_FIRST = 'kill -KILL $(xargs --delimiter="\\n" pgrep | sort -rn)';

// Not used by exploration, as the effect is known: a killed keepalived leaves the VIP behind (keepalived-kill).
const kill = fault({
  name: 'kill',
  takes: [PROCESS, AMPHORA],
  says: (process, amphora) => `${process} on ${amphora} is killed`,
  async act(hand, process, amphora) {
    // Stopped first, and children before their parents: else one that sees the other die would still act on it
    // (keepalived's VRRP process says farewell when its parent dies). The kernel continues a stopped orphan.
    const { lab } = hand;
    const steps = await hand.run(signalling(hand, amphora, process, 'STOP'), {
      argv: lab.inside(amphora, 'sh', '-c', NEWEST_FIRST),
      stdin: lab
        .processesOf(process)
        .map((word) => `${word}\n`)
        .join(''),
    });
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
