import { AMPHORA } from '../vocabulary/argument.ts';
import { done, struck } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

const raiseInterface = heal({
  name: 'raiseInterface',
  takes: [AMPHORA],
  says: (amphora) => `${amphora} brings its interface on the VIP's network up again`,
  act: ({ lab }, amphora) =>
    done('heal', 'interface up', amphora.instance.name, 'by itself', () => lab.restoreInterface(amphora)),
});

const interfaceDown = fault({
  name: 'interfaceDown',
  takes: [AMPHORA],
  says: (amphora) => `the interface of ${amphora} on the VIP's network is taken down`,
  async act(hand, amphora) {
    const { instance, vrrp_interface } = amphora;
    // Read from its input, the command waits for the fault's instant: see Fabric.at.
    const argv = hand.lab.besideVip(amphora, 'ip', '-batch', '-');
    const steps = await hand.run({ argv, stdin: `link set ${vrrp_interface} down\n` });
    return {
      ...struck('fault', 'interface down', instance.name, `${vrrp_interface} down`, steps),
      atOnce: true,
    };
  },
  heal: raiseInterface,
});
export default interfaceDown;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** Inside the amphora: keepalived sees it go. */
    readonly interfaceDown: typeof interfaceDown;
  }
}
