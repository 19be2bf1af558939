import { AMPHORA } from '../vocabulary/argument.ts';
import { done, struck } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

const thaw = heal({
  name: 'thaw',
  takes: [AMPHORA],
  says: (amphora) => `${amphora} is thawed and continues where it stopped`,
  act: ({ lab }, amphora) =>
    done('heal', 'machine thawed', amphora.instance.name, 'out of the cgroup freezer', async () => {
      await lab.thaw(amphora);
      // A port that was cut meanwhile takes no state: it forwards once it comes up (br_set_port_state of the kernel).
      await lab.fabric.attempt(forwarding(amphora.instance.name, true));
    }),
});

const freeze = fault({
  name: 'freeze',
  takes: [AMPHORA],
  says: (amphora) => `${amphora} is frozen: everything in it stops`,
  // As a virtual machine is paused: the kernel below a container would still answer pings and handshakes, so that its port
  // in the switch forwards nothing meanwhile (bridge(8), state disabled).
  async act(hand, amphora) {
    const { name } = amphora.instance;
    const steps = await hand.run(forwarding(name, false));
    await hand.lab.freeze(amphora);
    const entry = struck(
      'fault',
      'machine frozen',
      name,
      'its port silent, its processes in the cgroup freezer',
      steps,
    );
    return { ...entry, stalls: true, atOnce: true };
  },
  heal: thaw,
  explore: { ailment: 'frozen' },
});
export default freeze;

/** The state of the bridge's port: disabled or forwarding. */
function forwarding(port: string, forwards: boolean) {
  return {
    argv: ['ip', 'netns', 'exec', 'switch', 'bridge', '-batch', '-'],
    stdin: `link set dev ${port} state ${forwards ? 3 : 0}\n`,
  };
}

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** Everything in it stops between two instructions, and its link is silent with its carrier up. */
    readonly freeze: typeof freeze;
  }
}
