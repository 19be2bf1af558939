import { AMPHORA, PROCESS } from '../vocabulary/argument.ts';
import { struck } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

export const startService = heal({
  name: 'startService',
  takes: [PROCESS, AMPHORA],
  says: (process, amphora) => `systemd starts ${process} on ${amphora}`,
  async act(hand, process, amphora) {
    // The shell finds its unit: a pattern of systemctl matches loaded units alone (systemctl(1)).
    const start = `cd /usr/lib/systemd/system && systemctl start ${hand.lab.unitOf(process)}`;
    const steps = await hand.run({ argv: hand.lab.inside(amphora, 'sh', '-c', start) });
    return struck('heal', `${process} started`, amphora.instance.name, 'by systemd', steps);
  },
});

const stopService = fault({
  name: 'stopService',
  takes: [PROCESS, AMPHORA],
  says: (process, amphora) => `systemd stops ${process} on ${amphora}`,
  async act(hand, process, amphora) {
    const steps = await hand.run({
      argv: hand.lab.inside(amphora, 'systemctl', 'stop', hand.lab.unitOf(process)),
    });
    return struck('fault', `${process} stopped`, amphora.instance.name, 'by systemd', steps);
  },
  heal: startService,
  explore: { ailment: 'HAProxy stopped', given: ['haproxy'], unless: ['frozen'] },
});
export default stopService;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** Behind the agent's back: it is not restarted. */
    readonly stopService: typeof stopService;
  }
}
